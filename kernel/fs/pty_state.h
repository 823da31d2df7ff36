/* Inside of a pseudo-terminal.  For pty*.c and devpts.c only.
 *
 * Locks, in this order: [t] the table's mutex   [i] input: bytes move on to the line
 * discipline   (the slave's own)   [r] ring: what lies between the ends
 * [I] at birth   [a] atomic */
#ifndef KERNEL_FS_PTY_STATE_H
#define KERNEL_FS_PTY_STATE_H

#include "kernel/fs/pty.h"
#include "kernel/fs/tty_state.h"

#define PTY_BYTES 16384u /* each way */
#define PTY_LEAST 16u    /* room for less is none: one byte may become several */

/* Bytes between the ends; numbers since birth, modulo PTY_BYTES. */
struct pty_ring {
	uint8_t *bytes;      /* [I] */
	uint32_t head, tail; /* [r] to change, [a] */
};

struct pty {
	unsigned index;      /* [I] */
	struct tty *slave;   /* [I] the master's reference */
	struct inode *node;  /* [I] reference: /dev/pts/index */
	bool locked, packet; /* [a] */
	bool opened;         /* [a] the slave was open once */
	unsigned status;     /* [a] TIOCPKT_*: what a packet-mode reader was not told */
	struct mutex input;  /* [i] */
	struct mutex ring;
	struct pty_ring to_slave, to_master;
	struct wait_queue readers, writers; /* of the master */
};

static inline uint32_t pty_used(const struct pty_ring *r)
{
	return __atomic_load_n(&r->head, __ATOMIC_ACQUIRE) -
	       __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
}

/* Bytes in and out as far as there are any, or room.  Holds: ring. */
size_t pty_ring_put(struct pty_ring *r, const uint8_t *from, size_t n);
size_t pty_ring_get(struct pty_ring *r, uint8_t *to, size_t n);
/* What the master wrote goes on to the slave, as far as it has room. */
void pty_feed(struct pty *p);
bool pty_slave_open(struct pty *p);

/* pty.c: the slave of a number with a reference to its terminal, or NULL. */
struct pty *pty_find(unsigned index);
/* The least number >= index in use, or -1. */
int pty_next(unsigned index);
/* A new one for the master; -ENOSPC, -ENOMEM. */
int pty_create(struct pty **out);
/* The master is closed. */
void pty_close(struct pty *p);
/* Open a slave: -EIO while it is locked. */
int pty_slave_bind(struct pty *p, struct file *f);

/* pty_master.c */
int pty_master_open(struct file *f);
extern const struct file_ops pty_master_ops;

/* devpts.c: the node of a new slave; NULL without memory. */
struct inode *devpts_node(unsigned index);
void devpts_init(void);

#endif
