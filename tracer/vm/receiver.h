/* Receiving a trace: one thread that only reads the socket, checks frames and
 * grants credits, one that reads core files, one that stores.
 *
 * receiver_start, then watch receiver_fd (readable when the state changed) and ask
 * receiver_look; receiver_finish waits for the end of the stream, which comes
 * when QEMU is gone.  The store is the receiver's from start to finish. */
#ifndef TRACER_VM_RECEIVER_H
#define TRACER_VM_RECEIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/trace.h"
#include "tracer/error.h"
#include "tracer/store/store.h"
#include "tracer/vm/rules.h"

struct receiver;

struct receiver_state {
	bool hello, bye; /* have come */
	bool closed;     /* the socket has */
	struct trace_hello hello_frame;
	struct trace_bye bye_frame;
	struct trace_state guest; /* the latest */
	uint32_t sets;            /* of rules that were sent */
	uint64_t answered_ns;     /* when it last answered a PING; 0: not asked (exact runs) */
	uint64_t blocks, bytes;   /* stored */
	uint64_t cpu_ns;          /* that receiving and storing took; once it is finished */
	struct error broken;      /* status 0: the stream was sound so far */
	struct error store;       /* status 0: everything could be stored so far */
};

/* Receive on socket, and core files on cores (-1: none); both stay the caller's and outlive
 * the receiver.  The guest gets rules, if there are any, before its first credit.  again:
 * another tracer was there before, and what comes before HELLO was meant for it.  0 or
 * 125. */
int receiver_start(struct receiver **out, int socket, int cores, struct store *store,
		   const struct rules *rules, bool again, struct error *why);
int receiver_fd(const struct receiver *r);
/* The state; receiver_look takes note of the change, so that receiver_fd is quiet until
 * the next one: for whoever acts on all changes, and for nobody else. */
void receiver_state(struct receiver *r, struct receiver_state *out);
void receiver_look(struct receiver *r, struct receiver_state *out);
/* Ask the guest: to stop now; to send what is in open blocks; to freeze and send
 * what a flight recorder has kept; to put these rules in force. */
void receiver_stop_guest(struct receiver *r);
void receiver_flush(struct receiver *r);
void receiver_freeze(struct receiver *r);
void receiver_rules(struct receiver *r, const struct rules *rules);
/* Reckon as if it had answered now: for a guest that was paused. */
void receiver_answered(struct receiver *r);
/* The guest sends nothing now: wait until what it sent is stored, at most so long. */
void receiver_settle(struct receiver *r, unsigned timeout_ms);
/* Wait for the end of the stream and until all is stored; frees r. */
void receiver_finish(struct receiver *r, struct receiver_state *out);

#endif
