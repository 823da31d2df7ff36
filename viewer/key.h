/* Keys as numbers, free of any terminal library: a character is itself, a key
 * without one has a number above Unicode. */
#ifndef VIEWER_KEY_H
#define VIEWER_KEY_H

enum key_code {
	KEY_CODE_NONE = 0,
	KEY_CODE_BACKSPACE = 8,
	KEY_CODE_TAB = 9,
	KEY_CODE_ENTER = 10,
	KEY_CODE_REDRAW = 12, /* Ctrl-L */
	KEY_CODE_OLDER = 15,  /* Ctrl-O */
	KEY_CODE_NEWER = 16,  /* Ctrl-P: Ctrl-I is Tab */
	KEY_CODE_ESCAPE = 27,
	KEY_CODE_SPECIAL = 0x110000,
	KEY_CODE_UP,
	KEY_CODE_DOWN,
	KEY_CODE_LEFT,
	KEY_CODE_RIGHT,
	KEY_CODE_HOME,
	KEY_CODE_END,
	KEY_CODE_PAGE_UP,
	KEY_CODE_PAGE_DOWN,
	KEY_CODE_DELETE,
	KEY_CODE_INSERT,
	KEY_CODE_F1,
	KEY_CODE_F3,
	KEY_CODE_F4,
	KEY_CODE_F6,
	KEY_CODE_F10,
};

#endif
