// SPDX-License-Identifier: BSD-2-Clause
// Any text as a kernel command line: init's words, and each value of root= and nfsroot= in full.
#include "initramfs/cmdline.h"
#include "initramfs/root/nfsroot.h"
#include "tests/fuzz/harness.h"

static void use_root(const char *value, const char *more)
{
	static struct nfsroot n;
	struct fault fault = {0};
	char data[NFSROOT_DATA];
	struct text t = text_of(data, sizeof data);

	n = (struct nfsroot){0};
	if (value && !nfsroot_read(&n, value, &fault))
		PROMISE(fault.id == FAULT_ROOT_PARAMETER);
	if (more && !nfsroot_add_options(&n, more, &fault))
		PROMISE(fault.id == FAULT_ROOT_PARAMETER);
	if (!nfsroot_complete(&n, "ws1", &fault))
		PROMISE(fault.id != FAULT_NONE);
	nfsroot_data(&n, "3", "10.0.0.1", &t);
	nfsroot_has(&n, "vers");
	nfsroot_names_version(&n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct cmdline c;
	char parameters[100];

	cmdline_parse(&c, (const char *)bytes, length);
	PROMISE(c.count <= CMDLINE_WORDS && c.ip_count <= CMDLINE_IPS);
	for (size_t i = 0; i < c.count; i++)
		PROMISE(c.words[i] >= c.text && c.words[i] < c.text + sizeof c.text);
	cmdline_module_parameters(&c, "e1000", parameters, sizeof parameters);
	cmdline_blacklisted(&c, "e1000");
	use_root(c.nfsroot, c.rootflags);
	use_root(c.root, NULL);
	return 0;
}
