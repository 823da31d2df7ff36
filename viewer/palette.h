/* Names for how cells look; palette.def says how on each kind of terminal. */
#ifndef VIEWER_PALETTE_H
#define VIEWER_PALETTE_H

enum style {
#define STYLE(name, fore, back, light, light_back, basic, attributes) STYLE_##name,
#include "viewer/palette.def"
	STYLE_COUNT
};

/* For a dark terminal, for a light one, without colours. */
enum theme { THEME_DARK, THEME_LIGHT, THEME_NONE, THEME_COUNT };

enum palette_attribute { ATTR_NONE, ATTR_BOLD, ATTR_DIM, ATTR_REVERSE };

struct look {
	short fore, back, basic; /* of 256, of 256, of 8; -1: the terminal's own */
	enum palette_attribute attributes;
};

struct look palette_look(enum theme theme, enum style style);
/* RGB of one of xterm's 256 colours; other for -1. */
unsigned palette_rgb(int color, unsigned other);
const char *theme_name(enum theme theme);

#endif
