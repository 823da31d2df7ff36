/* The one row of facts about a recording that info and report begin with. */
#ifndef TRACER_CLI_FACTS_H
#define TRACER_CLI_FACTS_H

/* clang-format off */
#define META(name) "(SELECT value FROM meta WHERE name = '" name "')"
/* Exact counts where the guest sent them, else what is in the file. */
#define EVENTS(name)                                                                               \
	"(SELECT coalesce(sum(coalesce(emitted, stored)), 0) FROM counter WHERE name = '" name "')"
#define WAYS(way) "(SELECT coalesce(sum(count), 0) FROM way WHERE way " way ")"

#define FACTS_COMPLETE                                                                             \
	"(" META("bye_reason") " IS NOT NULL AND " META("identity") " IS NOT NULL)"
/* clang-format on */

#endif
