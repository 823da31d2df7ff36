#include "tracer/vm/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK   (256 << 10)
#define GIVE    (1 << 20) /* bytes read before their memory is given back */
#define WAIT_MS 2         /* between two looks at a file to which nothing was added */

struct lane {
	pthread_t thread;
	int file, socket, ended; /* ended: a pidfd of the writer */
	off_t at, given;
};

struct follow {
	unsigned count;
	int ended;
	struct lane lanes[FOLLOW_MAX];
};

int follow_file(void)
{
	return memfd_create("ringscope", MFD_CLOEXEC);
}

/* False: nobody reads any more. */
static bool all_sent(int socket, const char *bytes, size_t count)
{
	char back[4096];

	while (count) {
		const ssize_t sent = send(socket, bytes, count, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return false;
		if (sent > 0) {
			bytes += sent;
			count -= (size_t)sent;
		}
		while (recv(socket, back, sizeof(back), MSG_DONTWAIT) > 0)
			;
	}
	return true;
}

/* Copy what is there.  1 some, 0 nothing, -1 it is no use any more. */
static int lane_copy(struct lane *l, char *chunk)
{
	const ssize_t got = pread(l->file, chunk, CHUNK, l->at);

	if (got <= 0)
		return (int)got;
	if (!all_sent(l->socket, chunk, (size_t)got))
		return -1;
	l->at += got;
	if (l->at - l->given >= GIVE) {
		fallocate(l->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, l->given,
			  l->at - l->given);
		l->given = l->at;
	}
	return 1;
}

static void *lane_main(void *cookie)
{
	struct lane *l = cookie;
	struct pollfd ended = { .fd = l->ended, .events = POLLIN };
	char *chunk = malloc(CHUNK), back[4096];
	bool last = false;
	int copied = chunk ? 1 : -1;

	/* Once it has ended, all that it wrote is there: copy until nothing comes. */
	while (copied > 0 || (copied == 0 && !last)) {
		if (copied == 0)
			last = poll(&ended, 1, WAIT_MS) > 0;
		while (recv(l->socket, back, sizeof(back), MSG_DONTWAIT) > 0)
			;
		copied = lane_copy(l, chunk);
	}
	free(chunk);
	close(l->socket);
	close(l->file);
	return NULL;
}

int follow_start(struct follow **out, pid_t pid, const int *files, const int *sockets,
		 unsigned count, struct error *why)
{
	struct follow *f = calloc(1, sizeof(*f));
	int error = f ? 0 : ENOMEM;

	*out = f;
	if (f) {
		f->ended = pidfd_open(pid, 0);
		error = f->ended < 0 ? errno : 0;
	}
	for (unsigned i = 0; i < count; i++) {
		struct lane *l = f ? &f->lanes[i] : NULL;

		if (!error) {
			*l = (struct lane){ .file = files[i],
					    .socket = sockets[i],
					    .ended = f->ended };
			error = pthread_create(&l->thread, NULL, lane_main, l);
			f->count += !error;
		}
		if (error) {
			close(files[i]);
			close(sockets[i]);
		}
	}
	return error ? error_set(why, 125, "cannot follow QEMU's output: %s", strerror(error)) : 0;
}

void follow_finish(struct follow *f)
{
	if (!f)
		return;
	for (unsigned i = 0; i < f->count; i++)
		pthread_join(f->lanes[i].thread, NULL);
	if (f->ended >= 0)
		close(f->ended);
	free(f);
}
