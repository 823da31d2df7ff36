/* Colours: text stands out from what is behind it, and states differ also for eyes that do
 * not tell red from green. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "viewer/palette.h"

static const char *const names[] = {
#define STYLE(name, fore, back, light, light_back, basic, attributes) #name,
#include "viewer/palette.def"
};

struct rgb {
	double r, g, b; /* linear, 0 to 1 */
};

/* sRGB: IEC 61966-2-1 */
static double linear(unsigned channel)
{
	const double c = (channel & 255) / 255.0;

	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static struct rgb rgb_of(int color, unsigned other)
{
	const unsigned rgb = palette_rgb(color, other);

	return (struct rgb){ linear(rgb >> 16), linear(rgb >> 8), linear(rgb) };
}

/* Contrast ratio: WCAG 2.1 */
static double contrast(struct rgb a, struct rgb b)
{
	const double x = 0.2126 * a.r + 0.7152 * a.g + 0.0722 * a.b + 0.05;
	const double y = 0.2126 * b.r + 0.7152 * b.g + 0.0722 * b.b + 0.05;

	return x > y ? x / y : y / x;
}

static void test_contrast(void **state)
{
	(void)state;
	for (int theme = THEME_DARK; theme <= THEME_LIGHT; theme++) {
		for (int style = 0; style < STYLE_COUNT; style++) {
			const struct look look = palette_look((enum theme)theme, (enum style)style);
			const unsigned page = theme == THEME_DARK ? 0x000000 : 0xffffff;
			const double ratio = contrast(rgb_of(look.fore, ~page & 0xffffff),
						      rgb_of(look.back, page));

			if (ratio < 4.5)
				fail_msg("theme %s: %s has a contrast of %.1f", theme_name(theme),
					 names[style], ratio);
		}
	}
}

/* Full deuteranopia: Machado, Oliveira and Fernandes, 2009, table 1 */
static struct rgb deuteranope(struct rgb c)
{
	return (struct rgb){ 0.367322 * c.r + 0.860646 * c.g - 0.227968 * c.b,
			     0.280085 * c.r + 0.672501 * c.g + 0.047413 * c.b,
			     -0.011820 * c.r + 0.042940 * c.g + 0.968881 * c.b };
}

static double lab_curve(double t)
{
	return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

/* CIE 1976, D65 */
static void lab_of(struct rgb c, double lab[3])
{
	const double x = lab_curve((0.4124 * c.r + 0.3576 * c.g + 0.1805 * c.b) / 0.9505);
	const double y = lab_curve(0.2126 * c.r + 0.7152 * c.g + 0.0722 * c.b);
	const double z = lab_curve((0.0193 * c.r + 0.1192 * c.g + 0.9505 * c.b) / 1.089);

	lab[0] = 116 * y - 16;
	lab[1] = 500 * (x - y);
	lab[2] = 200 * (y - z);
}

static double difference(int a, int b, bool blind)
{
	struct rgb x = rgb_of(a, 0xffffff), y = rgb_of(b, 0xffffff);
	double p[3], q[3];

	lab_of(blind ? deuteranope(x) : x, p);
	lab_of(blind ? deuteranope(y) : y, q);
	return sqrt((p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]) +
		    (p[2] - q[2]) * (p[2] - q[2]));
}

/* States that stand beside each other on a lane or a box. */
static void test_states_differ(void **state)
{
	static const enum style states[] = { STYLE_USER, STYLE_KERNEL, STYLE_FAULT,
					     STYLE_IRQ,  STYLE_READY,  STYLE_SLEEP };
	const int count = (int)(sizeof(states) / sizeof(states[0]));

	(void)state;
	for (int theme = THEME_DARK; theme <= THEME_LIGHT; theme++) {
		for (int a = 0; a < count; a++) {
			for (int b = a + 1; b < count; b++) {
				const int x = palette_look((enum theme)theme, states[a]).fore;
				const int y = palette_look((enum theme)theme, states[b]).fore;
				const double seen = difference(x, y, false),
					     blind = difference(x, y, true);

				if (seen < 15 || blind < 15)
					fail_msg("theme %s: %s and %s differ by %.0f, for the "
						 "colour-blind by %.0f",
						 theme_name(theme), names[states[a]],
						 names[states[b]], seen, blind);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contrast),
		cmocka_unit_test(test_states_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
