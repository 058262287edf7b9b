// SPDX-License-Identifier: BSD-2-Clause
// What shim and Secure Boot revocation know this program by (SBAT.md of the shim project): a
// generation that grows with every security fault that is repaired.
const char sbat[] __attribute__((section(".sbat"), used)) =
	"sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
	"lanyard,1,Lanyard,lanyard,0.1,https://lanyard.invalid/\n";
