#include "kernel/lib/print.h"

#include "kernel/lib/string.h"

/* Where text goes: counts what would be written, keeps what fits. */
struct sink {
	char *to;
	size_t size, length;
};

/* One conversion of a format. */
struct spec {
	bool left, zero, plus, alternate;
	int width, precision; /* precision -1: none */
	int longs;
};

static void put(struct sink *s, char c)
{
	if (s->length + 1 < s->size)
		s->to[s->length] = c;
	s->length++;
}

static void put_padded(struct sink *s, const struct spec *spec, const char *text, int length)
{
	int pad = spec->width - length;

	for (; !spec->left && pad > 0; pad--)
		put(s, ' ');
	for (int i = 0; i < length; i++)
		put(s, text[i]);
	for (; pad > 0; pad--)
		put(s, ' ');
}

static void put_number(struct sink *s, const struct spec *spec, uint64_t value, bool negative,
		       unsigned base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[72];
	int at = sizeof(text), least = spec->precision;
	int prefix = (negative || spec->plus) + (spec->alternate ? 2 : 0);

	do {
		text[--at] = digits[value % base];
		value /= base;
	} while (value);
	if (least < 0 && spec->zero && !spec->left)
		least = spec->width - prefix;
	while ((int)sizeof(text) - at < least && at > 4)
		text[--at] = '0';
	if (spec->alternate) {
		text[--at] = upper ? 'X' : 'x';
		text[--at] = '0';
	}
	if (negative)
		text[--at] = '-';
	else if (spec->plus)
		text[--at] = '+';
	put_padded(s, spec, text + at, sizeof(text) - at);
}

static const char *parse_spec(const char *f, struct spec *spec, va_list *arguments)
{
	*spec = (struct spec){ .precision = -1 };
	for (;; f++) {
		if (*f == '-')
			spec->left = true;
		else if (*f == '0')
			spec->zero = true;
		else if (*f == '+')
			spec->plus = true;
		else if (*f == '#')
			spec->alternate = true;
		else
			break;
	}
	if (*f == '*') {
		spec->width = va_arg(*arguments, int);
		f++;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		spec->width = spec->width * 10 + *f - '0';
	if (*f == '.') {
		spec->precision = 0;
		if (*++f == '*') {
			spec->precision = va_arg(*arguments, int);
			f++;
		}
		for (; *f >= '0' && *f <= '9'; f++)
			spec->precision = spec->precision * 10 + *f - '0';
	}
	for (; *f == 'l' || *f == 'z' || *f == 'h'; f++)
		spec->longs += *f != 'h';
	return f;
}

static void convert(struct sink *s, char kind, struct spec *spec, va_list *arguments)
{
	switch (kind) {
	case 'd':
	case 'i': {
		int64_t v = spec->longs ? va_arg(*arguments, int64_t) : va_arg(*arguments, int);

		put_number(s, spec, v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0, 10, false);
		break;
	}
	case 'u':
	case 'x':
	case 'X':
	case 'o': {
		uint64_t v =
			spec->longs ? va_arg(*arguments, uint64_t) : va_arg(*arguments, unsigned);

		put_number(s, spec, v, false, kind == 'u' ? 10 : kind == 'o' ? 8 : 16, kind == 'X');
		break;
	}
	case 'p':
		spec->alternate = true;
		put_number(s, spec, (uint64_t)va_arg(*arguments, void *), false, 16, false);
		break;
	case 's': {
		const char *text = va_arg(*arguments, const char *);

		if (!text)
			text = "(null)";
		put_padded(s, spec, text,
			   spec->precision < 0 ? strlen(text) : strnlen(text, spec->precision));
		break;
	}
	case 'c': {
		char c = va_arg(*arguments, int);

		put_padded(s, spec, &c, 1);
		break;
	}
	default:
		put(s, kind);
	}
}

int print_text_list(char *to, size_t size, const char *format, va_list arguments)
{
	struct sink s = { to, size, 0 };
	va_list list;

	va_copy(list, arguments);
	for (const char *f = format; *f; f++) {
		struct spec spec;

		if (*f != '%') {
			put(&s, *f);
			continue;
		}
		f = parse_spec(f + 1, &spec, &list);
		if (!*f)
			break;
		convert(&s, *f, &spec, &list);
	}
	va_end(list);
	if (size)
		to[MIN(s.length, size - 1)] = 0;
	return s.length;
}

int print_text(char *to, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = print_text_list(to, size, format, arguments);
	va_end(arguments);
	return length;
}
