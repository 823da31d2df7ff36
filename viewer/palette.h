/* Names for how cells look; palette.def says how on each kind of terminal. */
#ifndef VIEWER_PALETTE_H
#define VIEWER_PALETTE_H

enum style {
#define STYLE(name, fore, back, basic, attributes) STYLE_##name,
#include "viewer/palette.def"
	STYLE_COUNT
};

#endif
