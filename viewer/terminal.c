#include "viewer/terminal.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "viewer/clip.h"
#include "viewer/debug.h"
#include "viewer/flow.h"
#include "viewer/key.h"
#include "viewer/mouse.h"
#include "viewer/render.h"
#include "viewer/split.h"

#define FRAME_MS   33 /* 30 frames a second */
#define IDLE_MS    250
#define LIVE_MS    33 /* while nothing moves, but more may come */
#define WORK_MS    20 /* of a frame, for a pending job */
#define WORK_SLICE 2000
#define SETTLE_MS  300 /* for an answer of the terminal, at the end */
#define KEYS_MOST  64  /* taken before a frame is drawn */

#define KEY_DRAWN (KEY_MAX + 1) /* FLOW_ANSWER */

#define LIST_FRAMES 8 /* lists are drawn anew every so many where nobody can read along */

static volatile sig_atomic_t end_signal;

static void note_signal(int number)
{
	end_signal = number;
}

static void signals_catch(void)
{
	struct sigaction action = { .sa_handler = note_signal };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Attributes and colour pair of each style on this terminal. */
static struct ink {
	attr_t attributes;
	short pair;
} inks[STYLE_COUNT];

static void inks_mono(void)
{
	static const attr_t attributes[] = {
		[ATTR_NONE] = A_NORMAL,
		[ATTR_BOLD] = A_BOLD,
		[ATTR_DIM] = A_DIM,
		[ATTR_REVERSE] = A_REVERSE,
	};

	for (int i = 0; i < STYLE_COUNT; i++)
		inks[i] = (struct ink){
			attributes[palette_look(THEME_DARK, (enum style)i).attributes], 0
		};
}

/* terminfo has that string for the terminal. */
static bool terminal_can(const char *capability)
{
	const char *text = tigetstr(capability);

	return text != NULL && text != (char *)-1;
}

/* The terminal has colours, and they are wanted. */
static bool colors_ready(bool mono)
{
	const char *no_color = getenv("NO_COLOR");

	if (mono || (no_color != NULL && no_color[0] != '\0') || !has_colors())
		return false;
	start_color();
	use_default_colors();
	return true;
}

static void inks_make(enum theme theme)
{
	inks_mono();
	for (int i = 0; theme != THEME_NONE && i < STYLE_COUNT; i++) {
		const struct look look = palette_look(theme, (enum style)i);
		bool rich = COLORS >= 256;
		bool ok = rich ? init_pair((short)(i + 1), look.fore, look.back) == OK
			       : init_pair((short)(i + 1), look.basic, -1) == OK;

		if (!ok)
			continue;
		inks[i].pair = (short)(i + 1);
		if (rich) /* colour says it; only bold adds to it */
			inks[i].attributes &= A_BOLD;
	}
}

static void cell_show(int col, int row, const struct cell *cell)
{
	wchar_t glyph[2] = { (wchar_t)cell->glyph, 0 };
	cchar_t shown;

	if (setcchar(&shown, glyph, inks[cell->style].attributes, inks[cell->style].pair, NULL) ==
	    OK)
		mvadd_wch(row, col, &shown);
}

/* Only cells that differ from those of the last time, which ncurses still has.  fresh:
 * it has none. */
static void grid_show(const struct grid *grid, const struct grid *last, bool fresh)
{
	if (fresh)
		erase();
	for (int row = 0; row < grid->rows; row++)
		for (int col = 0; col < grid->cols; col++) {
			const struct cell *cell = grid_at(grid, col, row);
			const struct cell *old = fresh ? NULL : grid_at(last, col, row);

			if (old == NULL || old->glyph != cell->glyph || old->style != cell->style)
				cell_show(col, row, cell);
		}
	move(grid->focus_row, grid->focus_col);
	wnoutrefresh(stdscr);
	doupdate();
}

static int key_read(void)
{
	static const struct {
		int curses, code;
	} table[] = {
		{ KEY_UP, KEY_CODE_UP },         { KEY_DOWN, KEY_CODE_DOWN },
		{ KEY_LEFT, KEY_CODE_LEFT },     { KEY_RIGHT, KEY_CODE_RIGHT },
		{ KEY_HOME, KEY_CODE_HOME },     { KEY_END, KEY_CODE_END },
		{ KEY_PPAGE, KEY_CODE_PAGE_UP }, { KEY_NPAGE, KEY_CODE_PAGE_DOWN },
		{ KEY_DC, KEY_CODE_DELETE },     { KEY_IC, KEY_CODE_INSERT },
		{ KEY_F(1), KEY_CODE_F1 },       { KEY_F(3), KEY_CODE_F3 },
		{ KEY_F(4), KEY_CODE_F4 },       { KEY_F(6), KEY_CODE_F6 },
		{ KEY_F(10), KEY_CODE_F10 },     { KEY_BACKSPACE, KEY_CODE_BACKSPACE },
		{ 127, KEY_CODE_BACKSPACE },     { KEY_ENTER, KEY_CODE_ENTER },
		{ '\r', KEY_CODE_ENTER },
	};
	int key = getch();

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].curses == key)
			return table[i].code;
	return key;
}

/* The mouse is told of, or left to the terminal.  False: it has none to tell of. */
static bool mouse_set(bool on)
{
	mouseinterval(0);
	return mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL) != 0;
}

/* What is shown, and what of. */
struct display {
	struct session *s;
	struct split *split;     /* NULL: the session has the whole screen */
	struct grid grid, shown; /* the next picture, the one that the terminal has */
	bool fresh;              /* it has none that this could differ from */
	bool steady;             /* areas may stay as they are in it */
	enum view view;          /* that is shown */
	int64_t last;            /* when time was told last */
	bool colors;
	bool mouse;       /* is told of */
	enum theme theme; /* that the terminal is set to */
	struct flow flow;
	bool asks;     /* the terminal can be asked for its status */
	unsigned keys; /* taken for this frame */
	int64_t drawn; /* when the last picture was begun */
	bool owed;     /* a picture is due as soon as it may be drawn */
};

/* Screen size from ncurses into the session and the grid. */
static bool size_take(struct display *d)
{
	int rows, cols;

	getmaxyx(stdscr, rows, cols);
	if (d->split == NULL)
		session_resize(d->s, cols, rows);
	d->fresh = true;
	return grid_resize(&d->grid, cols, rows) && grid_resize(&d->shown, cols, rows);
}

/* At a pace that nobody can read along with, lists change a few times a second only: less
 * to write, and they can be read. */
static void lists_hold(struct display *d)
{
	const struct session *s = d->s;
	const bool steady = s->playing && session_counted(s) && s->popup == POPUP_NONE;
	struct rect area[RENDER_LISTS];
	unsigned count = 0;

	if (d->steady && steady && d->view == s->view && s->frame % LIST_FRAMES != 0 && !d->fresh)
		count = render_lists(s, d->grid.cols, d->grid.rows, area);
	for (unsigned i = 0; i < count; i++)
		grid_keep(&d->grid, &d->shown, area[i]);
	d->steady = steady;
	d->view = s->view;
}

static bool picture_show(struct display *d)
{
	if (d->theme != d->s->theme) {
		if (d->theme != THEME_COUNT && !d->colors)
			session_say(d->s,
				    "no colours: the terminal has none, or --mono, or NO_COLOR");
		d->theme = d->s->theme;
		d->fresh = true;
		inks_make(d->colors ? d->theme : THEME_NONE);
	}
	if (d->split != NULL && !split_prepare(d->split, d->s, d->grid.cols, d->grid.rows))
		return false;
	session_prepare(d->s);
	if (d->split != NULL)
		split_paint(d->split, d->s, &d->grid);
	else
		render(d->s, &d->grid);
	if (d->split == NULL)
		lists_hold(d);
	curs_set(d->split != NULL && split_typed(d->split));
	grid_show(&d->grid, &d->shown, d->fresh);
	d->fresh = false;
	grid_copy(&d->shown, 0, 0, &d->grid, d->grid.rows);
	return true;
}

/* Ask behind a picture that others will follow. */
static void flow_begin(struct display *d)
{
	static const char question[] = FLOW_QUESTION;

	if (d->asks && session_moving(d->s) && flow_ask(&d->flow, clock_ms()) &&
	    write(STDOUT_FILENO, question, sizeof(question) - 1) < 0)
		flow_answered(&d->flow);
}

/* No answer is left for who has the terminal after us. */
static void flow_end(struct display *d)
{
	int key = ERR;

	if (!d->flow.asked || end_signal != 0)
		return;
	timeout(SETTLE_MS);
	do
		key = getch();
	while (key != KEY_DRAWN && key != ERR);
	timeout(0);
	d->flow.asked = 0;
}

/* The mouse as the session wants it. */
static void mouse_follow(struct display *d)
{
	if (d->mouse == d->s->mouse)
		return;
	d->mouse = mouse_set(d->s->mouse);
	if (d->s->mouse && !d->mouse)
		session_say(d->s, "this terminal does not tell of a mouse");
	d->s->mouse = d->mouse;
}

static void mouse_take(struct display *d)
{
	MEVENT event;
	enum mouse what;

	if (getmouse(&event) != OK)
		return;
	what = event.bstate & BUTTON4_PRESSED   ? MOUSE_UP
	       : event.bstate & BUTTON5_PRESSED ? MOUSE_DOWN
						: MOUSE_CLICK;
	if (d->split != NULL)
		split_mouse(d->split, d->s, event.x, event.y, what);
	else
		session_mouse(d->s, &d->grid, event.x, event.y, what);
}

/* gdb was asked for: it has the terminal meanwhile. */
static void debugger_show(struct display *d)
{
	const uint64_t event = d->s->debug_event;

	d->s->debug_event = 0;
	if (!event)
		return;
	if (d->split != NULL) {
		session_say(d->s, "gdb needs the whole terminal: ringscope view, then R");
		return;
	}
	flow_end(d);
	def_prog_mode();
	endwin();
	debug_run(d->s->path, event);
	reset_prog_mode();
	clearok(curscr, TRUE);
	refresh();
	d->last = clock_ms();
}

/* Until a key, the guest has written something, or the next frame is due. */
static void input_wait(const struct display *d)
{
	const int64_t spent = clock_ms() - d->last;
	const int pty = d->split != NULL ? d->split->console->pty : -1;
	struct pollfd files[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				  { .fd = pty, .events = POLLIN } };

	poll(files, d->split != NULL && d->split->console->ended ? 1 : 2,
	     session_moving(d->s) || d->owed ? (spent >= FRAME_MS ? 0 : (int)(FRAME_MS - spent))
	     : d->s->live.on                 ? LIVE_MS
					     : IDLE_MS);
}

/* All keys that are there.  False when there is no terminal any more. */
static bool keys_take(struct display *d)
{
	d->keys = 0;
	for (int i = 0; i < KEYS_MOST && end_signal == 0; i++) {
		const int key = key_read();

		if (key == ERR)
			return isatty(STDIN_FILENO);
		if (key == KEY_DRAWN) {
			flow_answered(&d->flow);
			continue;
		}
		d->keys++;
		if (key == KEY_RESIZE && !size_take(d))
			return false;
		if (key == KEY_RESIZE)
			continue;
		if (key == KEY_MOUSE) {
			mouse_take(d);
			continue;
		}
		if (d->split != NULL)
			split_key(d->split, d->s, key);
		else
			session_key(d->s, key);
		if (d->s->quit)
			break;
	}
	return end_signal == 0;
}

/* The terminal takes a copy where terminfo says that it can ("Ms": xterm's OSC 52), and lets
 * programs do that. */
static void clip_send(struct session *s)
{
	char *form = tigetstr("Ms"), *data;

	if (s->clip == NULL)
		return;
	data = clip_base64(s->clip);
	if (data != NULL && form != NULL && form != (char *)-1) {
		putp(tiparm(form, "c", data));
		fflush(stdout);
		session_say(s, "copied: %s", s->clip);
	} else {
		session_say(s, "this terminal takes no copies: %s", s->clip);
	}
	free(data);
	free(s->clip);
	s->clip = NULL;
}

/* One frame: keys, the time that passed, work, the picture.  False when the person has
 * gone. */
static bool frame_run(struct display *d)
{
	struct session *s = d->s;
	int64_t begin;

	input_wait(d);
	if (end_signal != 0 || !keys_take(d))
		return false;
	mouse_follow(d);
	debugger_show(d);
	if (s->redraw) {
		clearok(curscr, TRUE);
		d->fresh = true;
		s->redraw = false;
	}
	clip_send(s);
	if (d->split != NULL)
		console_read(d->split->console);
	begin = clock_ms();
	if (begin - d->last >= FRAME_MS) {
		session_tick(s, begin - d->last > 1000 ? 1000 : (int)(begin - d->last));
		d->last = begin;
	}
	do
		session_work(s, WORK_SLICE);
	while (session_busy(s) && !s->find.job.running && clock_ms() - begin < WORK_MS);
	d->owed = flow_waits(&d->flow, begin) || (d->keys == 0 && begin - d->drawn < FRAME_MS);
	if (!d->owed) {
		d->drawn = begin;
		if (!picture_show(d))
			return false;
		flow_begin(d);
	}
	return !s->quit;
}

void terminal_measure(int *cols, int *rows)
{
	struct winsize size = { 0 };

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*cols = size.ws_col > 0 ? size.ws_col : 80;
	*rows = size.ws_row > 0 ? size.ws_row : 24;
}

bool terminal_utf8(void)
{
	return setlocale(LC_ALL, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int terminal_run(struct session *s, const struct terminal_options *options, struct error *why)
{
	struct display d = { .s = s, .split = options->split, .last = clock_ms() };
	const char *term = getenv("TERM");
	SCREEN *screen;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return error_set(why, 2,
				 "drawing on the terminal failed: input or output is not a "
				 "terminal; --linear prints plain lines instead");
	signals_catch();
	screen = newterm(NULL, stdout, stdin);
	if (screen == NULL || !terminal_can("cup")) {
		if (screen != NULL) {
			endwin();
			delscreen(screen);
		}
		return error_set(
			why, 2,
			"drawing on the terminal failed: TERM=%s %s; --linear prints plain "
			"lines instead",
			term == NULL ? "" : term,
			screen == NULL ? "is not known here" : "cannot place the cursor");
	}
	if (options->split != NULL)
		raw(); /* Ctrl-C and its like are the guest's */
	else
		cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	timeout(0);
	d.asks = terminal_can("u7") && define_key(FLOW_ANSWER, KEY_DRAWN) == OK;
	d.colors = colors_ready(options->mono);
	d.theme = THEME_COUNT;
	if (size_take(&d) && picture_show(&d))
		while (frame_run(&d))
			continue;
	flow_end(&d);
	mouse_set(false);
	move(LINES - 1, 0); /* a terminal with one screen only keeps the picture above the prompt */
	clrtoeol();
	refresh();
	endwin();
	delscreen(screen);
	grid_free(&d.grid);
	grid_free(&d.shown);
	if (end_signal != 0) {
		signal(end_signal, SIG_DFL);
		raise(end_signal);
	}
	return 0;
}
