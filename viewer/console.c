#include "viewer/console.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vterm.h>

#include "viewer/key.h"
#include "viewer/text.h"

#define READ_BYTES 65536
#define READ_MOST  8 /* reads at a time: a flood must not stop the screen */
#define END_MS     10000

static void output_write(const char *bytes, size_t length, void *user)
{
	struct console *c = user;

	while (length > 0 && c->pty >= 0) {
		const ssize_t put = write(c->pty, bytes, length);

		if (put < 0 && errno != EINTR)
			return; /* it does not read: what was typed is lost, as on a real line */
		bytes += put > 0 ? put : 0;
		length -= put > 0 ? (size_t)put : 0;
	}
}

static struct winsize window_size(int cols, int rows)
{
	return (struct winsize){ .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
}

int console_open(struct console *c, char *const argv[], int cols, int rows, struct error *why)
{
	const struct winsize size = window_size(cols, rows);

	*c = (struct console){ .pty = -1, .cols = cols, .rows = rows };
	c->child = forkpty(&c->pty, NULL, NULL, &size);
	if (c->child == 0) {
		setenv("TERM", "xterm-256color", 1);
		execv(argv[0], argv + 1);
		_exit(125);
	}
	if (c->child < 0)
		return error_set(why, 2, "no terminal for the guest: %s", strerror(errno));
	fcntl(c->pty, F_SETFL, fcntl(c->pty, F_GETFL) | O_NONBLOCK);
	fcntl(c->pty, F_SETFD, FD_CLOEXEC);
	c->term = vterm_new(rows, cols);
	if (c->term == NULL) {
		console_close(c);
		return error_set(why, 2, "no terminal for the guest: out of memory");
	}
	vterm_set_utf8(c->term, 1);
	vterm_output_set_callback(c->term, output_write, c);
	vterm_screen_enable_altscreen(vterm_obtain_screen(c->term), 1);
	vterm_screen_reset(vterm_obtain_screen(c->term), 1);
	return 0;
}

static void child_look(struct console *c, int options)
{
	int status;

	if (c->ended || waitpid(c->child, &status, options) != c->child)
		return;
	c->ended = true;
	c->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int console_close(struct console *c)
{
	child_look(c, WNOHANG);
	if (!c->ended)
		kill(c->child, SIGTERM);
	for (int ms = 0; !c->ended && ms < END_MS; ms += 20) {
		console_read(c); /* it may have to write before it can end */
		usleep(20000);
	}
	if (!c->ended) {
		kill(c->child, SIGKILL);
		child_look(c, 0);
	}
	if (c->pty >= 0)
		close(c->pty);
	c->pty = -1;
	if (c->term != NULL)
		vterm_free(c->term);
	c->term = NULL;
	return c->status;
}

void console_resize(struct console *c, int cols, int rows)
{
	const struct winsize size = window_size(cols, rows);

	cols = cols < 1 ? 1 : cols;
	rows = rows < 1 ? 1 : rows;
	if ((cols == c->cols && rows == c->rows) || c->term == NULL)
		return;
	c->cols = cols;
	c->rows = rows;
	vterm_set_size(c->term, rows, cols);
	ioctl(c->pty, TIOCSWINSZ, &size);
}

void console_read(struct console *c)
{
	static char bytes[READ_BYTES];

	for (int i = 0; i < READ_MOST && c->pty >= 0; i++) {
		const ssize_t got = read(c->pty, bytes, sizeof(bytes));

		if (got <= 0)
			break;
		if (c->term != NULL)
			vterm_input_write(c->term, bytes, (size_t)got);
	}
	child_look(c, WNOHANG);
}

void console_key(struct console *c, int key)
{
	static const struct {
		int code;
		VTermKey key;
	} table[] = {
		{ KEY_CODE_UP, VTERM_KEY_UP },          { KEY_CODE_DOWN, VTERM_KEY_DOWN },
		{ KEY_CODE_LEFT, VTERM_KEY_LEFT },      { KEY_CODE_RIGHT, VTERM_KEY_RIGHT },
		{ KEY_CODE_HOME, VTERM_KEY_HOME },      { KEY_CODE_END, VTERM_KEY_END },
		{ KEY_CODE_PAGE_UP, VTERM_KEY_PAGEUP }, { KEY_CODE_PAGE_DOWN, VTERM_KEY_PAGEDOWN },
		{ KEY_CODE_DELETE, VTERM_KEY_DEL },     { KEY_CODE_INSERT, VTERM_KEY_INS },
		{ KEY_CODE_F1, VTERM_KEY_FUNCTION(1) }, { KEY_CODE_F3, VTERM_KEY_FUNCTION(3) },
		{ KEY_CODE_F4, VTERM_KEY_FUNCTION(4) }, { KEY_CODE_F10, VTERM_KEY_FUNCTION(10) },
	};
	const char byte = key == KEY_CODE_BACKSPACE ? 0x7f
			  : key == KEY_CODE_ENTER   ? '\r'
						    : (char)key;

	if (c->ended || c->term == NULL)
		return;
	if (key >= 0 && key < 256) {
		output_write(&byte, 1, c);
		return;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].code == key)
			vterm_keyboard_key(c->term, table[i].key, VTERM_MOD_NONE);
}

/* The nearest of the eight colours that every terminal has: a bit a channel. */
static enum style cell_style(VTermScreen *screen, const VTermScreenCell *cell)
{
	static const enum style styles[8] = { STYLE_DIM,         STYLE_GUEST_RED,
					      STYLE_GUEST_GREEN, STYLE_GUEST_YELLOW,
					      STYLE_GUEST_BLUE,  STYLE_GUEST_MAGENTA,
					      STYLE_GUEST_CYAN,  STYLE_BOLD };
	VTermColor fore = cell->fg;
	int most, bits;

	if (cell->attrs.reverse || !VTERM_COLOR_IS_DEFAULT_BG(&cell->bg))
		return STYLE_CURSOR;
	if (VTERM_COLOR_IS_DEFAULT_FG(&fore))
		return cell->attrs.bold ? STYLE_BOLD : STYLE_PLAIN;
	vterm_screen_convert_color_to_rgb(screen, &fore);
	most = fore.rgb.red > fore.rgb.green ? fore.rgb.red : fore.rgb.green;
	most = most > fore.rgb.blue ? most : fore.rgb.blue;
	bits = (fore.rgb.red * 3 > most * 2 ? 1 : 0) | (fore.rgb.green * 3 > most * 2 ? 2 : 0) |
	       (fore.rgb.blue * 3 > most * 2 ? 4 : 0);
	return most < 64 ? STYLE_DIM : styles[bits];
}

/* One cell of ours: what is not one harmless character is a question mark. */
static uint32_t cell_glyph(const VTermScreenCell *cell, bool ascii)
{
	uint32_t point[2];
	char bytes[4];

	if (cell->chars[0] == 0)
		return ' ';
	if (cell->width != 1 || cell->chars[0] > 0x10ffff)
		return '?';
	if (ascii && cell->chars[0] > 0x7e)
		return text_ascii(cell->chars[0]);
	return text_clean(point, 2, bytes, text_encode(cell->chars[0], bytes), false) == 1
		       ? point[0]
		       : '?';
}

void console_paint(const struct console *c, struct grid *grid, struct rect area, bool focus)
{
	VTermScreen *screen = vterm_obtain_screen(c->term);
	VTermPos pos;

	for (pos.row = 0; pos.row < c->rows && pos.row < area.rows; pos.row++) {
		for (pos.col = 0; pos.col < c->cols && pos.col < area.cols; pos.col++) {
			VTermScreenCell cell;

			if (vterm_screen_get_cell(screen, pos, &cell) == 0 || cell.width == 0)
				continue;
			grid_put(grid, area.col + pos.col, area.row + pos.row,
				 cell_style(screen, &cell), cell_glyph(&cell, grid->ascii));
			if (cell.width == 2)
				pos.col++;
		}
	}
	vterm_state_get_cursorpos(vterm_obtain_state(c->term), &pos);
	if (focus && pos.row < area.rows && pos.col < area.cols) {
		grid->focus_row = area.row + pos.row;
		grid->focus_col = area.col + pos.col;
	}
}

void console_line(const struct console *c, int row, char *text, size_t size)
{
	VTermScreen *screen = vterm_obtain_screen(c->term);
	size_t length = 0, used = 0;

	for (VTermPos pos = { row, 0 }; pos.col < c->cols && used + 5 < size; pos.col++) {
		VTermScreenCell cell;

		if (vterm_screen_get_cell(screen, pos, &cell) == 0)
			break;
		used += text_encode(cell_glyph(&cell, false), text + used);
		length = text[used - 1] == ' ' ? length : used;
	}
	text[length] = '\0';
}
