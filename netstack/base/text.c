// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/base/text.h"
#include "netstack/base/memory.h"

struct text text_of(char *buffer, size_t size)
{
	if (size)
		buffer[0] = 0;
	return (struct text){.start = buffer, .size = size};
}

void text_putc(struct text *t, char c)
{
	if (t->length + 1 >= t->size) {
		t->cut = true;
		return;
	}
	t->start[t->length++] = c;
	t->start[t->length] = 0;
}

void text_append(struct text *t, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		text_putc(t, text[i]);
}

void text_foreign(struct text *t, const void *bytes, size_t length)
{
	const char *c = bytes;

	for (size_t i = 0; i < length && c[i]; i++)
		text_putc(t, c[i] >= 0x20 && c[i] < 0x7f ? c[i] : '?');
}

void text_hwaddr(struct text *t, const uint8_t *hwaddr, size_t length, char separator)
{
	for (size_t i = 0; i < length; i++) {
		if (i)
			text_putc(t, separator);
		text_format(t, "%02x", hwaddr[i]);
	}
}

uint64_t divide_u64(uint64_t dividend, uint32_t divisor, uint32_t *remainder)
{
	uint64_t quotient = 0, rest = 0;

	if (dividend >> 32 == 0) {
		if (remainder)
			*remainder = (uint32_t)dividend % divisor;
		return (uint32_t)dividend / divisor;
	}
	for (int bit = 63; bit >= 0; bit--) {
		rest = rest << 1 | (dividend >> bit & 1);
		if (rest >= divisor) {
			rest -= divisor;
			quotient |= (uint64_t)1 << bit;
		}
	}
	if (remainder)
		*remainder = (uint32_t)rest;
	return quotient;
}

// One conversion: what stands between '%' and its letter.
struct conversion {
	bool left, zero;
	int width, precision; // precision -1: none
	int longs;            // 0 int, 1 long, 2 long long, 3 size_t
};

static void put_padded(struct text *t, const struct conversion *c, const char *s, size_t length)
{
	int pad = c->width - (int)length;

	if (c->zero && !c->left && length && *s == '-') { // zeros go between sign and digits
		text_putc(t, *s++);
		length--;
	}
	for (int i = 0; !c->left && i < pad; i++)
		text_putc(t, c->zero ? '0' : ' ');
	text_append(t, s, length);
	for (int i = 0; c->left && i < pad; i++)
		text_putc(t, ' ');
}

static void put_number(struct text *t, const struct conversion *c, uint64_t n, bool minus,
	unsigned base, const char *digits)
{
	char buffer[24];
	size_t at = sizeof buffer;
	uint32_t digit;

	do {
		n = divide_u64(n, base, &digit);
		buffer[--at] = digits[digit];
	} while (n);
	if (minus)
		buffer[--at] = '-';
	put_padded(t, c, buffer + at, sizeof buffer - at);
}

static const char *parse_number(const char *f, int *value)
{
	*value = 0;
	while (*f >= '0' && *f <= '9')
		*value = *value * 10 + (*f++ - '0');
	return f;
}

static const char *parse_conversion(const char *f, struct conversion *c)
{
	*c = (struct conversion){.precision = -1};
	for (; *f == '-' || *f == '0'; f++)
		*(*f == '-' ? &c->left : &c->zero) = true;
	f = parse_number(f, &c->width);
	if (*f == '.')
		f = parse_number(f + 1, &c->precision);
	for (; *f == 'l'; f++)
		c->longs++;
	if (*f == 'z') {
		c->longs = 3;
		f++;
	}
	return f;
}

void text_vformat(struct text *t, const char *f, va_list outer)
{
	struct conversion c;
	va_list args;

	va_copy(args, outer);
	while (*f) {
		const char *start = f;

		if (*f != '%') {
			text_putc(t, *f++);
			continue;
		}
		f = parse_conversion(f + 1, &c);
		switch (*f) {
		case 's': {
			const char *s = va_arg(args, const char *);
			size_t length = 0;

			s = s ? s : "(none)";
			while ((c.precision < 0 || length < (size_t)c.precision) && s[length])
				length++;
			put_padded(t, &c, s, length);
			break;
		}
		case 'c':
			text_putc(t, (char)va_arg(args, int));
			break;
		case 'd': {
			int64_t n = c.longs == 2   ? va_arg(args, long long)
				    : c.longs == 0 ? va_arg(args, int)
						   : va_arg(args, long);

			put_number(t, &c, n < 0 ? -(uint64_t)n : (uint64_t)n, n < 0, 10, "0123456789");
			break;
		}
		case 'u':
		case 'x':
		case 'X': {
			uint64_t n = c.longs == 2   ? va_arg(args, unsigned long long)
				     : c.longs == 3 ? va_arg(args, size_t)
				     : c.longs == 1 ? va_arg(args, unsigned long)
						    : va_arg(args, unsigned);

			put_number(t, &c, n, false, *f == 'u' ? 10 : 16,
				*f == 'X' ? "0123456789ABCDEF" : "0123456789abcdef");
			break;
		}
		case '%':
			text_putc(t, '%');
			break;
		default:
			text_append(t, start, (size_t)(f - start) + (*f != 0));
		}
		if (*f)
			f++;
	}
	va_end(args);
}

void text_format(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vformat(t, format, args);
	va_end(args);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool text_same(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

bool text_is(const char *text, size_t length, const char *word)
{
	for (size_t i = 0; i < length; i++, word++)
		if (!*word || lower(text[i]) != lower(*word))
			return false;
	return !*word;
}

bool text_starts(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return false;
	return true;
}

struct text_view text_field(struct text_view *rest, char end)
{
	struct text_view field = {rest->at, 0};

	while (field.length < rest->length && field.at[field.length] != end)
		field.length++;
	rest->at += field.length;
	rest->length -= field.length;
	if (rest->length) {
		rest->at++;
		rest->length--;
	}
	return field;
}

static int digit_value(char c)
{
	c = lower(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

bool text_u64(const char *text, size_t length, unsigned base, uint64_t *value)
{
	uint64_t limit = divide_u64(UINT64_MAX, base, NULL), n = 0;

	if (length == 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned digit = (unsigned)digit_value(text[i]);

		if (digit >= base || n > limit || n * base > UINT64_MAX - digit)
			return false;
		n = n * base + digit;
	}
	*value = n;
	return true;
}

bool text_u32(const char *text, size_t length, unsigned base, uint32_t *value)
{
	uint64_t n;

	if (!text_u64(text, length, base, &n) || n > UINT32_MAX)
		return false;
	*value = (uint32_t)n;
	return true;
}

bool text_number(const char *text, size_t length, uint32_t *value)
{
	if (length > 2 && text[0] == '0' && lower(text[1]) == 'x')
		return text_u32(text + 2, length - 2, 16, value);
	return text_u32(text, length, length > 1 && text[0] == '0' ? 8 : 10, value);
}
