/* The rows of any query, printed in one of several forms.  Guest text is safe for a
 * terminal in all of them but csv and list into a file or pipe, which keep each byte. */
#ifndef TRACER_CLI_ROWS_H
#define TRACER_CLI_ROWS_H

#include <sqlite3.h>
#include <stdbool.h>

enum rows_mode { ROWS_BOX, ROWS_CSV, ROWS_JSON, ROWS_LIST };

/* "box", "csv", "json", "list"; false: none of these. */
bool rows_mode_parse(const char *word, enum rows_mode *mode);

/* Run a prepared statement to its end and print its rows on stdout.  clean: stdout is a
 * terminal.  What sqlite3_step said last: SQLITE_DONE, or an error. */
int rows_print(sqlite3_stmt *s, enum rows_mode mode, bool clean);

#endif
