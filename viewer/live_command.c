/* ringscope run --view, shell --view: the guest beside what it causes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "viewer/record.h"
#include "viewer/screen.h"
#include "viewer/split.h"
#include "viewer/terminal.h"
#include "viewer/text.h"
#include "viewer/viewer.h"

#define LOOK_US    10000
#define RUN_FAILED 125

/* What the recorder said before there was a screen to say it on. */
static void words_show(const struct console *c)
{
	char line[2048];

	for (int row = 0; row < c->rows; row++) {
		console_line(c, row, line, sizeof(line));
		if (line[0] == '\0')
			continue;
		text_print(stderr, false, "%s", line);
		fputc('\n', stderr);
	}
}

/* Wait until the recording can be read.  False if it has ended before. */
static bool recording_wait(struct console *c, const char *path)
{
	while (!c->ended && !reader_live(path)) {
		console_read(c);
		usleep(LOOK_US);
	}
	console_read(c);
	return !c->ended;
}

int viewer_live(char **words, const char *path)
{
	struct console console;
	struct screen_options screen = { .path = path, .console = &console };
	struct error why = { 0 };
	struct reader *reader;
	struct rect guest;
	char **argv = calloc(record_count(words) + 2, sizeof(*argv));
	int cols, rows, status;

	if (argv == NULL)
		return RUN_FAILED;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fputs("ringscope: --view needs a terminal; without it the recording is made as well\n",
		      stderr);
		free(argv);
		return RUN_FAILED;
	}
	argv[0] = (char *)record_program();
	memcpy(argv + 1, words, record_count(words) * sizeof(*argv));
	screen.ascii = !terminal_utf8();
	terminal_measure(&cols, &rows);
	guest = split_guest(cols, rows);
	status = console_open(&console, argv, guest.cols, guest.rows, &why);
	if (status == 0 && !recording_wait(&console, path) && console.status >= RUN_FAILED) {
		words_show(&console);
	} else if (status == 0) {
		status = reader_open(&reader, path, &why);
		if (status == 0) {
			status = screen_run(reader, &screen, &why);
			reader_close(reader);
		}
	}
	free(argv);
	if (status != 0)
		fprintf(stderr, "ringscope: %s\n", why.text);
	return console_close(&console) != 0 || status == 0 ? console.status : RUN_FAILED;
}
