/* What the parts of the receiver share: receiver.c reads, receiver_store.c stores,
 * receiver_send.c says things to the guest. */
#ifndef TRACER_VM_RECEIVER_PARTS_H
#define TRACER_VM_RECEIVER_PARTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/vm/queue.h"
#include "tracer/vm/receiver.h"

/* Locks: [I] set before the threads begin   [l] lock   [r] only the reading thread
 *        [s] only the storing thread */
struct receiver {
	int socket, cores, event; /* [I] */
	struct store *store;      /* [s] once it runs */
	pthread_t reader, core_reader, writer;
	struct queue queue;
	struct rules rules;          /* [I] for HELLO */
	bool again;                  /* [I] it is not the guest's first HELLO */
	bool state_told;             /* [s] the guest has told its STATE */
	uint64_t taken, stored;      /* [l] blocks that came; that are done with */
	uint64_t owed;               /* [s] blocks stored that the guest has no credit for */
	pthread_mutex_t lock;        /* also held while a frame is sent */
	struct receiver_state state; /* [l]; [r] may read hello and bye without */
};

/* Whoever watches receiver_fd looks. */
void receiver_changed(struct receiver *r);
/* The calling thread is done: its CPU time is a part of what recording costs. */
void receiver_account(struct receiver *r);

/* The guest may send as many blocks more; answers with its clock. */
void receiver_credit(struct receiver *r, uint64_t blocks);
void receiver_ping(struct receiver *r);

/* The storing thread; its cookie is the receiver. */
void *receiver_store(void *cookie);

#endif
