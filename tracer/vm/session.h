/* One running guest: bytes between its ports and our descriptors, signals, time
 * limits, until QEMU is gone. */
#ifndef TRACER_VM_SESSION_H
#define TRACER_VM_SESSION_H

#include <stdbool.h>

#include "tracer/error.h"
#include "tracer/salvage/salvage.h"
#include "tracer/salvage/watch.h"
#include "tracer/vm/control.h"
#include "tracer/vm/input.h"
#include "tracer/vm/machine.h"
#include "tracer/vm/monitor.h"
#include "tracer/vm/receiver.h"
#include "tracer/vm/run_directory.h"
#include "tracer/vm/stream.h"
#include "tracer/vm/tail.h"

#define MONITOR_MS 1000 /* for an answer of QEMU's monitor */

struct session {
	/* set by the caller */
	struct machine *machine;
	struct receiver *receiver;
	struct rules *rules; /* in force, or to be put in force by HELLO */
	struct control *control;
	const char *trace;                     /* the file, for who asks */
	const struct run_directory *directory; /* the guest may outlive us; NULL: it may not */
	bool tty;                              /* the guest's console is our terminal */
	bool show_log;                         /* kernel log to our standard error */
	bool unhurried;                        /* the machine may stand still for any time */
	unsigned timeout;                      /* seconds, 0: none */
	unsigned watchdog; /* seconds without progress that are a hang, 0: for ever */

	/* the outcome */
	struct receiver_state state;
	int stopped;      /* exit status by which something of ours ended it, or 0 */
	bool left;        /* it goes on without us */
	struct error why; /* status 0: nothing went wrong on our side */
	struct tail log, early, qemu;
	bool crashed;            /* the machine stopped by no will of the program or of ours */
	enum stop_reason reason; /* why */
	int suspect;             /* of a hang: CPU, -1 none that is known */
	struct buffer registers; /* as QEMU told them when it crashed */

	/* inside */
	struct ram ram;
	struct monitor monitor;
	struct watch watch;
	uint64_t watched_at, suspected_at; /* ns, 0: not */
	struct input input;
	struct stream output, error;
	int signals;
	bool stopping;
	bool ended_before; /* the machine had ended when its monitor began to tell */
	uint64_t kill_at, started, bye_at, ended_at, closed_at; /* ns, 0: not */
};

/* Signals that the session takes; call before any thread is started. */
void session_signals_block(void);
void session_signals_unblock(void);

/* End the guest with this exit status: politely, and for sure a little later. */
void session_stop(struct session *s, int status);

/* Obey a request that came by the control socket. */
void session_command(struct session *s, struct control_client *c, const char *command);

/* Run it to its end.  The machine is gone afterwards, or left to go on. */
void session_run(struct session *s);
/* When the receiver has all that came: did QEMU end by itself? */
void session_judge(struct session *s);

#endif
