/* AF_UNIX sockets.
 *
 * A socket is the data of a file.  Messages wait in the receiver's queue and count
 * against the sender's buffer until they are read.  A stream's messages run
 * together; the other kinds keep theirs apart. */
#ifndef KERNEL_NET_SOCKET_H
#define KERNEL_NET_SOCKET_H

#include <linux/net.h>
#include <linux/un.h>

#include "kernel/fs/file.h"

#define SOCKET_STREAM    1 /* SOCK_* of Linux, which no UAPI header names */
#define SOCKET_DATAGRAM  2
#define SOCKET_SEQUENCED 5

#define SOCKET_FILES_MAX 253 /* descriptors in one message: SCM_MAX_FD */

enum { SHUT_RECEIVE = 1, SHUT_SEND = 2 };

struct socket_identity { /* struct ucred */
	uint32_t pid, uid, gid;
};

/* Length 0: no name.  A path (ends in NUL), or a NUL and bytes: abstract. */
struct socket_address {
	unsigned length; /* of path */
	char path[UNIX_PATH_MAX + 1];
};

enum socket_state { SOCKET_FRESH, SOCKET_LISTENING, SOCKET_CONNECTED };

/* Locks: [I] at birth   [l] socket_links   [m] mutex   [f] flight (socket_flight.c)
 * [a] atomic */
struct socket {
	struct ref refs;         /* the file's, the peer's, a message's sender */
	int type;                /* [I] */
	enum socket_state state; /* [l] to change, [a] */
	struct mutex mutex;
	struct wait_queue readers, writers;
	struct list all;                        /* [every_lock] all sockets */
	struct socket *peer;                    /* [l] and [m] to change; reference */
	struct list messages;                   /* [m] oldest first */
	unsigned queued;                        /* [m] to change, [a]: how many */
	struct list waiting;                    /* [l] of a listener: not yet accepted */
	struct list waiting_link;               /* [l] */
	unsigned waiting_count, backlog;        /* [l] */
	struct list bound_link;                 /* [l] */
	struct inode *bound;                    /* [l] reference; NULL: abstract or none */
	struct socket_address address;          /* [l] */
	struct socket_identity self, other;     /* [l] SO_PEERCRED */
	unsigned shut;                          /* [m] to change, [a]: SHUT_* */
	int error;                              /* [a] taken by the next call: SO_ERROR */
	bool closed;                            /* [m] to change, [a] */
	uint32_t sent;                          /* [a] bytes of ours that nobody has read */
	uint32_t send_size, receive_size;       /* [a] SO_SNDBUF, SO_RCVBUF as they are shown */
	uint64_t send_timeout, receive_timeout; /* [a] ns; 0: none */
	bool pass_credentials;                  /* [a] SO_PASSCRED */
	uint64_t options;              /* [a] bit n: option SO_n is on, without effect here */
	int linger[2];                 /* [a] SO_LINGER: on, seconds; closing never waits here */
	int priority, mark, low_water; /* [a] SO_PRIORITY, SO_MARK, SO_RCVLOWAT: as options */
	struct file *file; /* [every_lock] what it is the data of; no reference; NULL: none */
	unsigned flights;  /* [f] messages that pass it */
	int outside;       /* [f] of them, those not at candidates */
	bool candidate;    /* [f] for the collector */
	struct list flight_link, reach_link; /* [f] */
};

/* One send or receive. */
struct socket_message {
	const struct buffer *bytes;
	unsigned flags;                  /* MSG_* of the call; of the answer at return */
	bool wait;                       /* neither O_NONBLOCK nor MSG_DONTWAIT */
	const struct socket_address *to; /* send; NULL: the peer */
	struct socket_address from;      /* receive */
	struct file **files;             /* descriptors passed; references move in, or out */
	unsigned file_count;
	struct socket_identity identity;
	bool has_identity; /* send: given */
};

/* Who calls now.  Defined in syscall/. */
void socket_caller(struct socket_identity *out);

/* At boot. */
void socket_init(void);
/* type is a SOCKET_*, flags O_NONBLOCK. */
int socket_create(int type, uint32_t flags, struct file **out);
int socket_pair(int type, uint32_t flags, struct file *out[2]);
/* The socket of f, or NULL: it is none. */
struct socket *socket_of(const struct file *f);
void socket_put(struct socket *s);
/* A file for s, whose reference moves in; NULL without memory (s is then put). */
struct file *socket_file(struct socket *s, uint32_t flags);
struct socket *socket_alloc(int type);

/* bind(2): l names the path, if address is one. */
int socket_bind(struct socket *s, const struct socket_address *a, const struct lookup *l);
int socket_listen(struct socket *s, int backlog);
/* l: as for bind.  May sleep while the listener's backlog is full. */
int socket_connect(struct socket *s, const struct socket_address *a, const struct lookup *l,
		   bool wait);
/* The next connection, as a file with flags. */
int socket_accept(struct socket *s, bool wait, uint32_t flags, struct file **out);
int socket_shutdown(struct socket *s, unsigned how);
/* Own name, or the peer's: -ENOTCONN. */
void socket_name(struct socket *s, struct socket_address *out);
int socket_peer_name(struct socket *s, struct socket_address *out);

/* Bytes moved, or -errno.  Send: -EPIPE (the signal is the caller's); l: as for bind. */
int64_t socket_send(struct socket *s, struct socket_message *m, const struct lookup *l);
int64_t socket_receive(struct socket *s, struct socket_message *m);
/* Descriptors that wait in messages. */
unsigned socket_flight_count(void);
/* Free sockets that nobody can reach: after a socket was closed, or a process ended. */
void socket_flight_collect(void);
/* Files of a message that nobody took; NULL is fine. */
void socket_files_put(struct file **files, unsigned count);
/* The error kept for s, which is cleared. */
int socket_error_take(struct socket *s);

#endif
