#include "tracer/export/output.h"

#include <errno.h>
#include <string.h>

#include "tracer/store/open.h"

int output_open(struct output *o, const struct export_job *job, bool tables, struct error *why)
{
	int status;

	*o = (struct output){ .to = stdout, .name = "standard output" };
	status = tables ? trace_open(&o->db, job->files[0], job->progress, why)
			: trace_open_index(&o->db, job->files[0], job->progress, why);
	if (status || !job->target)
		return status;
	o->name = job->target;
	o->to = fopen(job->target, "w");
	return o->to ? 0 : error_set(why, 2, "%s: %s", job->target, strerror(errno));
}

void output_flush(struct output *o)
{
	fwrite(o->line.length ? o->line.data : "", 1, o->line.length, o->to);
	buffer_clear(&o->line);
}

int output_close(struct output *o, int status, struct error *why)
{
	bool bad = false;

	if (o->to) {
		output_flush(o);
		bad = fflush(o->to) || ferror(o->to);
	}
	if (o->to && o->to != stdout)
		bad |= fclose(o->to) != 0;
	if (bad && !status)
		status = error_set(why, 2, "%s: cannot be written: %s", o->name, strerror(errno));
	buffer_free(&o->line);
	sqlite3_close_v2(o->db);
	return status;
}
