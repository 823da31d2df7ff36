/* `ringscope attach`: go on with a guest whose tracer is gone. */
#ifndef TRACER_VM_ATTACH_H
#define TRACER_VM_ATTACH_H

#include <stdbool.h>

#include "tracer/tables/tables.h"

struct attach_config {
	const char *guest;  /* as run_directory_open */
	const char *output; /* a new trace file; NULL: the one that was begun */
	const char *tables; /* live, end, none; NULL: live */
	bool force;         /* replace whatever file is at output */
	bool show_log;
	tables_progress progress; /* may be NULL */
};

/* Its standard streams are ours from now on.  The exit status, as of run. */
int attach(const struct attach_config *config);

#endif
