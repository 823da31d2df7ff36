/* ringscope ctl: requests to a running recording. */
#include <stdio.h>
#include <string.h>

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

int ctl_main(int argc, char **argv)
{
	char path[PATH_BYTES];
	struct error why = { 0 };

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return fputs(help, stdout) < 0 ? 2 : 0;
	if (argc < 3)
		return complain_usage("ctl", "a recording and a command are needed", NULL, 2);
	if (control_find(argv[1], path, sizeof(path), &why) ||
	    control_request(path, argv + 2, &why)) {
		why.status = 2;
		return complain(&why);
	}
	return 0;
}
