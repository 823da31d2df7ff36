/* The one row of facts about a recording that info and report begin with. */
#ifndef TRACER_CLI_FACTS_H
#define TRACER_CLI_FACTS_H

#include <sqlite3.h>
#include <stdbool.h>

#include "tracer/buffer.h"
#include "tracer/store/open.h"

/* clang-format off */
#define META(name) "(SELECT value FROM meta WHERE name = '" name "')"
/* Exact counts where the guest sent them, else what is in the file. */
#define EVENTS(name)                                                                               \
	"(SELECT coalesce(sum(coalesce(emitted, stored)), 0) FROM counter WHERE name = '" name "')"
#define WAYS(way) "(SELECT coalesce(sum(count), 0) FROM way WHERE way " way ")"

#define FACTS_COMPLETE                                                                             \
	"(" META("bye_reason") " IS NOT NULL AND " META("identity") " IS NOT NULL)"
/* clang-format on */

/* Say on standard error what is missing in a recording, and what totals may be at most for
 * it; nothing if nothing is.  path names it in the line. */
void loss_tell(sqlite3 *db, const char *path);
/* The same of a file that is not open; it has been read once. */
void loss_tell_file(const char *path);
/* The same as members of a JSON object that has others: "lost" (null: not known), and
 * "more_at_most" by event. */
void loss_json(struct buffer *b, sqlite3 *db);

/* A command that takes --json and one file, and prints what that holds. */
struct facts_command {
	const char *name, *help;
	int (*open)(sqlite3 **db, const char *path, tables_progress progress, struct error *why);
	bool (*print)(sqlite3 *db, bool json);
};

/* Run it: its exit status. */
int facts_main(const struct facts_command *c, int argc, char **argv);
/* The end of a command that read db and printed what it holds, good or not: closes db
 * and gives the exit status; 3, with a line, for a recording that was cut off. */
int facts_end(sqlite3 *db, bool good);

#endif
