#include "viewer/palette.h"

#include <stdbool.h>

static const struct {
	short fore, back, light, light_back, basic;
	enum palette_attribute attributes;
} looks[STYLE_COUNT] = {
#define STYLE(name, fore, back, light, light_back, basic, attributes)                              \
	{ fore, back, light, light_back, basic, attributes },
#include "viewer/palette.def"
};

struct look palette_look(enum theme theme, enum style style)
{
	const bool light = theme == THEME_LIGHT;

	return (struct look){ light ? looks[style].light : looks[style].fore,
			      light ? looks[style].light_back : looks[style].back,
			      looks[style].basic, looks[style].attributes };
}

unsigned palette_rgb(int color, unsigned other)
{
	/* xterm: 16 of its own, a cube of six steps a channel, 24 greys. */
	static const unsigned step[] = { 0, 95, 135, 175, 215, 255 };
	static const unsigned basic[] = { 0x000000, 0xcd0000, 0x00cd00, 0xcdcd00,
					  0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
					  0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
					  0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff };

	if (color < 0 || color > 255)
		return other;
	if (color < 16)
		return basic[color];
	if (color >= 232)
		return (unsigned)(8 + (color - 232) * 10) * 0x010101;
	color -= 16;
	return step[color / 36] << 16 | step[color / 6 % 6] << 8 | step[color % 6];
}

const char *theme_name(enum theme theme)
{
	static const char *const names[] = { "dark", "light", "none" };

	return names[theme];
}
