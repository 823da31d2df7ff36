/* live_watch COLSxROWS RINGSCOPE LIVE_TRACE FILE RATE SECONDS: how old the newest event on
 * the screen is while `ringscope view` follows a recording of so many events a second.
 *
 * LIVE_TRACE makes it and says what the clock was at its time 0; the header of the screen
 * says the time of the event at the cursor.  Prints a line a figure: name, value, unit. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vterm.h>

#include "tests/bench/watch.h"

#define BEGIN_MS 3000 /* after the start nothing is measured yet */

static void screen_take(void *cookie, const char *bytes, size_t size)
{
	vterm_input_write(cookie, bytes, size);
}

/* Seconds that the header tells, -1: none. */
static double header_time(VTerm *terminal, int cols)
{
	char text[1024];
	const VTermRect row = { .start_row = 0, .end_row = 1, .start_col = 0, .end_col = cols };
	size_t size =
		vterm_screen_get_text(vterm_obtain_screen(terminal), text, sizeof(text) - 1, row);
	const char *at;

	text[size] = '\0';
	at = strstr(text, "  t ");
	return at == NULL ? -1 : atof(at + 4);
}

/* Start LIVE_TRACE; the clock in ms at the recording's time 0. */
static double recording_start(pid_t *pid, char **argv)
{
	char line[64] = "";
	int ends[2];

	if (pipe(ends) != 0 || (*pid = fork()) < 0)
		die("cannot start a recording");
	if (*pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execl(argv[0], argv[0], argv[1], argv[2], argv[3], (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	for (size_t used = 0; used + 1 < sizeof(line) && strchr(line, '\n') == NULL; used++)
		if (read(ends[0], line + used, 1) != 1)
			die("no recording");
	close(ends[0]);
	return atof(line) / 1e6;
}

int main(int argc, char **argv)
{
	static struct samples lag;
	int cols, rows, status;
	double zero, begin, seconds;
	VTerm *terminal;
	struct watch w;
	pid_t recording;

	if (argc != 7 || sscanf(argv[1], "%dx%d", &cols, &rows) != 2)
		die("usage: live_watch COLSxROWS RINGSCOPE LIVE_TRACE FILE RATE SECONDS");
	zero = recording_start(&recording, argv + 3);
	usleep(500000);
	terminal = vterm_new(rows, cols);
	vterm_set_utf8(terminal, 1);
	vterm_screen_reset(vterm_obtain_screen(terminal), 1);
	watch_start(&w, cols, rows, true, (char *[]){ argv[2], argv[4] });
	w.output = screen_take;
	w.cookie = terminal;
	watch_rest(&w, 1000);
	watch_type(&w, "F");
	begin = now_ms();
	while (now_ms() - zero < (atof(argv[6]) - 1) * 1000) {
		if (watch_take(&w, 100) == 0)
			continue;
		while (watch_take(&w, FRAME_GAP) > 0)
			continue;
		seconds = header_time(terminal, cols);
		if (seconds >= 0 && now_ms() - begin > BEGIN_MS)
			sample(&lag, now_ms() - zero - seconds * 1000);
	}
	say("live lag, median", quantile(&lag, 0.5), "ms");
	say("live lag, p95", quantile(&lag, 0.95), "ms");
	watch_stop(&w);
	vterm_free(terminal);
	kill(recording, SIGTERM);
	waitpid(recording, &status, 0);
	return 0;
}
