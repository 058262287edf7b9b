// SPDX-License-Identifier: BSD-2-Clause
// netstack/vlan.h on a card that only remembers: what leaves with a tag, and what comes in.
#include "netstack/vlan.h"
#include "tests/unit/vectors.h"

enum { ID = 5, FRAMES = 40 };

static struct {
	struct netdev dev;
	struct bytes arriving[FRAMES];
	size_t arrived, taken, room;
	uint8_t sent[FRAMES][NETDEV_FRAME];
	size_t lengths[FRAMES], count;
	unsigned opened, closed, filters;
	bool fails;
} card;

static bool card_open(struct netdev *dev, struct fault *fault)
{
	assert_ptr_equal(dev, &card.dev);
	card.opened++;
	return !card.fails || fault_set(fault, FAULT_NIC_OPEN, "(card)");
}

static void card_close(struct netdev *dev)
{
	assert_ptr_equal(dev, &card.dev);
	card.closed++;
}

static enum netdev_link card_link(struct netdev *dev)
{
	assert_ptr_equal(dev, &card.dev);
	return LINK_UP;
}

static size_t card_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	size_t count = 0;

	assert_ptr_equal(dev, &card.dev);
	for (; count < max && card.taken < card.arrived; card.taken++)
		burst[count++] = (struct netdev_frame){card.arriving[card.taken].at,
			card.arriving[card.taken].length, card.taken % 2 == 1};
	return count;
}

static size_t card_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	size_t i;

	assert_ptr_equal(dev, &card.dev);
	for (i = 0; i < count && card.count < card.room; i++) {
		assert_true(frames[i].length <= NETDEV_FRAME);
		memcpy(card.sent[card.count], frames[i].bytes, frames[i].length);
		card.lengths[card.count++] = frames[i].length;
	}
	return i;
}

static bool card_set_filter(struct netdev *dev, const uint8_t (*groups)[6], size_t count)
{
	assert_ptr_equal(dev, &card.dev);
	assert_true(groups && count == 1);
	card.filters++;
	return true;
}

static struct vlan vlan;
static struct netdev *const dev = &vlan.dev;

static int fresh(void **state)
{
	static const struct netdev_ops ops = {card_open, card_close, card_link, card_receive,
		card_transmit, card_set_filter};

	(void)state;
	memset(&card, 0, sizeof card);
	card.dev = (struct netdev){.ops = &ops, .name = "net0", .hwaddr = {0x52, 0x54, 0, 0x12, 0x34, 1},
		.hwaddr_length = 6, .hwtype = 1, .mtu = 1500};
	card.room = FRAMES;
	vlan_init(&vlan, &card.dev, ID);
	return 0;
}

static int done(void **state)
{
	(void)state;
	for (size_t i = 0; i < card.arrived; i++)
		free(card.arriving[i].block);
	return 0;
}

// A frame in hex between the addresses and its end, filled up with `fill` to `length`.
static void arrives(const char *tag_and_type, uint8_t fill, size_t length)
{
	uint8_t frame[NETDEV_FRAME + 8] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
	uint8_t bytes[8];
	size_t count = 0;

	for (; *tag_and_type; tag_and_type += 2)
		sscanf(tag_and_type, "%2hhx", &bytes[count++]);
	memset(frame + 12, fill, sizeof frame - 12);
	memcpy(frame + 12, bytes, count);
	card.arriving[card.arrived++] = exact_copy(frame, length);
}

static size_t receive(struct netdev_frame *burst)
{
	return dev->ops->receive(dev, burst, NETDEV_BURST);
}

static void is_the_card_but_for_name_and_mtu(void **state)
{
	static const uint8_t groups[1][6] = {{1, 0, 94, 0, 0, 1}};
	struct fault fault = {0};

	(void)state;
	assert_string_equal(dev->name, "net0.5");
	assert_int_equal(dev->mtu, 1496);
	assert_memory_equal(dev->hwaddr, card.dev.hwaddr, NETDEV_HWADDR);
	assert_int_equal(dev->hwaddr_length, 6);
	assert_true(dev->ops->open(dev, &fault));
	assert_int_equal(dev->ops->link(dev), LINK_UP);
	assert_true(dev->ops->set_filter(dev, groups, 1));
	dev->ops->close(dev);
	assert_int_equal(card.opened + card.closed + card.filters, 3);
	card.fails = true;
	assert_false(dev->ops->open(dev, &fault));
	assert_int_equal(fault.id, FAULT_NIC_OPEN);
}

static void takes_the_tag_off(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	arrives("810000050800", 'a', 64);
	arrives("8100f0050806", 'b', 1518); // with a priority and the drop mark
	arrives("810000050800", 'c', 18);   // nothing but a header
	assert_int_equal(receive(burst), 3);
	assert_int_equal(burst[0].length, 60);
	assert_memory_equal(burst[0].bytes, "\1\2\3\4\5\6\7\10\11\12\13\14\x08\x00" "aa", 16);
	assert_int_equal(burst[0].bytes[59], 'a');
	assert_int_equal(burst[1].length, 1514);
	assert_memory_equal(burst[1].bytes + 12, "\x08\x06" "bb", 4);
	assert_int_equal(burst[1].bytes[1513], 'b');
	assert_true(burst[1].checksum_absent && !burst[0].checksum_absent);
	assert_int_equal(burst[2].length, 14);
	assert_int_equal(receive(burst), 0);
}

static void drops_what_is_not_its_own(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	arrives("0800", 'x', 60);           // no tag
	arrives("810000060800", 'x', 60);   // another VLAN
	arrives("810001050800", 'x', 60);   // 0x105
	arrives("810000000800", 'x', 60);   // priority only
	arrives("88a800050800", 'x', 60);   // a provider's tag
	arrives("81000005", 'x', 17);       // cut behind the tag
	arrives("8100", 'x', 14);
	arrives("", 'x', 0);
	arrives("", 'x', 11);
	arrives("810000050800", 'x', 1519); // longer than any frame
	arrives("810000050800", 'y', 60);
	assert_int_equal(receive(burst), 1);
	assert_int_equal(burst[0].bytes[14], 'y');
}

static void takes_many_in_order(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	uint8_t expected = 0;
	size_t got;

	(void)state;
	for (size_t i = 0; i < FRAMES; i++)
		arrives("810000050800", (uint8_t)i, 64);
	while ((got = receive(burst)) != 0) {
		assert_true(got <= VLAN_BURST);
		for (size_t i = 0; i < got; i++)
			assert_int_equal(burst[i].bytes[20], expected++);
	}
	assert_int_equal(expected, FRAMES);
	for (size_t max = 0; max < 3; max++)
		assert_int_equal(dev->ops->receive(dev, burst, max), 0);
}

static size_t send(size_t length, size_t count)
{
	static uint8_t bytes[NETDEV_FRAME + 8] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 6};
	struct netdev_frame frames[FRAMES];

	memset(bytes + 14, 'p', sizeof bytes - 14);
	for (size_t i = 0; i < count; i++)
		frames[i] = (struct netdev_frame){bytes, length, false};
	return dev->ops->transmit(dev, frames, count);
}

static void puts_the_tag_on(void **state)
{
	(void)state;
	assert_int_equal(send(1514, 1), 1);
	assert_int_equal(card.lengths[0], 1518);
	assert_memory_equal(card.sent[0], "\1\2\3\4\5\6\7\10\11\12\13\14\x81\x00\x00\x05\x08\x06" "pp", 20);
	assert_int_equal(card.sent[0][1517], 'p');
	assert_int_equal(send(42, 1), 1); // zeros behind it, so that it stays long enough
	assert_int_equal(card.lengths[1], 64);
	assert_int_equal(card.sent[1][45], 'p');
	for (size_t i = 46; i < 64; i++)
		assert_int_equal(card.sent[1][i], 0);
}

static void drops_what_is_no_frame(void **state)
{
	(void)state;
	assert_int_equal(send(0, 1), 1);
	assert_int_equal(send(13, 1), 1);
	assert_int_equal(send(1515, 1), 1);
	assert_int_equal(card.count, 0);
}

static void says_busy(void **state)
{
	(void)state;
	card.room = 3;
	assert_int_equal(send(60, 5), 3);
	card.room = FRAMES;
	assert_int_equal(send(60, 2), 2);
	assert_int_equal(card.count, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_the_card_but_for_name_and_mtu, fresh, done),
		cmocka_unit_test_setup_teardown(takes_the_tag_off, fresh, done),
		cmocka_unit_test_setup_teardown(drops_what_is_not_its_own, fresh, done),
		cmocka_unit_test_setup_teardown(takes_many_in_order, fresh, done),
		cmocka_unit_test_setup_teardown(puts_the_tag_on, fresh, done),
		cmocka_unit_test_setup_teardown(drops_what_is_no_frame, fresh, done),
		cmocka_unit_test_setup_teardown(says_busy, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
