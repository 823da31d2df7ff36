/* The control socket of a running tracer: requests of `ringscope ctl`.
 *
 * A request is lines: a command, its arguments, an empty line.  The answer is text
 * whose first line is "ok" or "error: why"; then the connection ends.  The socket is
 * in a directory that only its user may enter, named by the tracer's pid. */
#ifndef TRACER_VM_CONTROL_H
#define TRACER_VM_CONTROL_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/buffer.h"
#include "tracer/error.h"

#define CONTROL_CLIENTS 4
#define CONTROL_POLLS   (1 + CONTROL_CLIENTS)
#define CONTROL_BYTES   8192

struct session;

enum control_event { CONTROL_NOTHING, CONTROL_RULES, CONTROL_FREEZES };

struct control_client {
	int fd; /* -1: none */
	size_t length;
	char request[CONTROL_BYTES];
	enum control_event wait; /* answer when this counter reaches target */
	uint32_t target;
};

struct control {
	int fd;
	char path[108]; /* sun_path */
	struct control_client client[CONTROL_CLIENTS];
};

/* The directory of control sockets; false if there is no name for it. */
int control_directory(char *to, size_t size, struct error *why);
/* 0 or 125. */
int control_open(struct control *c, struct error *why);
void control_close(struct control *c);

/* For the session's poll: CONTROL_POLLS of them. */
void control_polls(const struct control *c, struct pollfd *polls);
/* Take what came; whole requests go to session_command. */
void control_serve(struct control *c, const struct pollfd *polls, struct session *s);

/* The argument after one, the first after NULL; NULL at the end. */
const char *control_argument(const struct control_client *c, const char *after);
/* Answer and be done with the client. */
void control_reply(struct control_client *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same with a text of any length behind "ok". */
void control_reply_text(struct control_client *c, const char *text);
/* Answer "ok" when event's counter has reached target. */
void control_wait(struct control_client *c, enum control_event event, uint32_t target);
void control_reached(struct control *c, enum control_event event, uint32_t count);

/* The other side: send a request (lines, as above), print the answer without its
 * first line.  0, or 2 and why. */
int control_request(const char *path, char *const *words, struct error *why);
/* The same into a buffer. */
int control_ask(const char *path, char *const *words, struct buffer *answer, struct error *why);
/* The socket of a recording that runs, by its tracer's pid, the socket itself, or the
 * trace file.  0, or 2 and why. */
int control_find(const char *what, char *to, size_t size, struct error *why);

#endif
