#include "tracer/cli/facts.h"

#include <stdio.h>

#include "tracer/store/sql.h"

int facts_end(sqlite3 *db, bool good)
{
	const bool complete = sql_integer(db, "SELECT " FACTS_COMPLETE, 0) == 1;

	sqlite3_close_v2(db);
	if (!good || fflush(stdout))
		return 2;
	if (complete)
		return 0;
	fprintf(stderr, "ringscope: the recording is incomplete: it was cut off\n");
	return 3;
}
