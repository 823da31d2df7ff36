/* ringscope ctl: requests to a running recording. */
#include <ctype.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tracer/cli/command.h"
#include "tracer/vm/control.h"

#define PATH_BYTES 108 /* sun_path */

static const char help[] =
	"usage: ringscope ctl PID|SOCKET|TRACE COMMAND [ARGUMENT]...\n"
	"\n"
	"Asks something of a running `ringscope run`, named by its process, its control\n"
	"socket or the trace file that it writes.\n"
	"\n"
	"commands:\n"
	"  status               what is recorded, stored, triggered\n"
	"  filter [FILTER]...   record only what one of these keeps; none: everything\n"
	"  trigger [TRIGGER]... these triggers in place of the former ones\n"
	"  freeze               store what a flight recorder holds, and go on; also by\n"
	"                       SIGUSR1; elsewhere it marks the moment in the trace\n"
	"  flush                send what is in the guest's open blocks\n"
	"  stop                 end the guest\n"
	"  detach               end the recording and let the guest go on, if it was run with\n"
	"                       --on-tracer-loss; `ringscope attach` goes on with it\n"
	"\n"
	"filter, trigger and freeze answer when it is done.  `ringscope run --help` tells\n"
	"how filters and triggers are written.\n"
	"\n"
	"exit status: 0; 2 it could not be asked, or said no.\n";

/* Where the recorder of a trace file listens. */
static int path_of_trace(const char *file, char to[PATH_BYTES], struct error *why)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	const char *path = NULL;
	int status = 0;

	if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE name = 'control'", -1, &s, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		path = (const char *)sqlite3_column_text(s, 0);
	if (!path || snprintf(to, PATH_BYTES, "%s", path) >= PATH_BYTES)
		status = error_set(why, 2, "%s: names no control socket", file);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return status;
}

static int path_find(const char *what, char to[PATH_BYTES], struct error *why)
{
	char directory[PATH_BYTES - 16];
	struct stat st;

	if (strspn(what, "0123456789") == strlen(what) && strlen(what) < 12) {
		if (control_directory(directory, sizeof(directory), why))
			return 2;
		snprintf(to, PATH_BYTES, "%s/%s", directory, what);
		return 0;
	}
	if (stat(what, &st) < 0)
		return error_set(why, 2, "%s: %s", what, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return path_of_trace(what, to, why);
	if (snprintf(to, PATH_BYTES, "%s", what) >= PATH_BYTES)
		return error_set(why, 2, "%s: %s", what, strerror(ENAMETOOLONG));
	return 0;
}

int ctl_main(int argc, char **argv)
{
	char path[PATH_BYTES];
	struct error why = { 0 };

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return fputs(help, stdout) < 0 ? 2 : 0;
	if (argc < 3)
		return complain_usage("ctl", "a recording and a command are needed", NULL, 2);
	if (path_find(argv[1], path, &why) || control_request(path, argv + 2, &why)) {
		why.status = 2;
		return complain(&why);
	}
	return 0;
}
