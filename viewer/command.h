/* What keys do to a session: the functions that keys.def names, each of the file that is
 * about its matter. */
#ifndef VIEWER_COMMAND_H
#define VIEWER_COMMAND_H

struct session;

#define KEY(code, shown, command, help) void command_##command(struct session *s);
#define ALIAS(code, command)            void command_##command(struct session *s);
#include "viewer/keys.def"

#endif
