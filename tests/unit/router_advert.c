// SPDX-License-Identifier: BSD-2-Clause
// server-stub/router_advert.h: the message, and to whom it goes. (Addresses are RFC 4291's example
// and what iPXE makes of QEMU's.)
#include "server-stub/router_advert.h"
#include "tests/unit/vectors.h"

static const uint8_t server[6] = {0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde};
static const uint8_t client[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x01};
static const uint8_t server_address[16] = {
	0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x36, 0x56, 0x78, 0xff, 0xfe, 0x9a, 0xbc, 0xde};
static const uint8_t client_address[16] = {
	0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x50, 0x54, 0x00, 0xff, 0xfe, 0x12, 0x34, 0x01};

static void test_link_local(void **state)
{
	uint8_t address[16];

	(void)state;
	router_advert_link_local(address, server);
	assert_memory_equal(address, server_address, sizeof address);
	router_advert_link_local(address, client);
	assert_memory_equal(address, client_address, sizeof address);
}

// RFC 8200 section 8.1, word by word.
static uint16_t checksum(const uint8_t *datagram)
{
	uint32_t sum = 16 + 58;

	for (size_t i = 8; i < ROUTER_ADVERT; i += 2)
		sum += (uint32_t)datagram[i] << 8 | datagram[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void test_datagram(void **state)
{
	static const uint8_t header[8] = {0x60, 0, 0, 0, 0, 16, 58, 255}, nothing[12];
	uint8_t datagram[ROUTER_ADVERT];

	(void)state;
	memset(datagram, 0xff, sizeof datagram);
	router_advert_write(datagram, server, client);
	assert_memory_equal(datagram, header, sizeof header);
	assert_memory_equal(datagram + 8, server_address, 16);
	assert_memory_equal(datagram + 24, client_address, 16);
	assert_int_equal(datagram[40], 134);
	assert_int_equal(datagram[41], 0);
	assert_int_equal(checksum(datagram), 0xffff);
	assert_memory_equal(datagram + 44, nothing, sizeof nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link_local),
		cmocka_unit_test(test_datagram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
