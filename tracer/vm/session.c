#include "tracer/vm/session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/vm/queue.h"
#include "tracer/vm/terminal.h"

#define SECOND      1000000000ull
#define BOOT_LIMIT  (60 * SECOND) /* until HELLO */
#define STOP_LIMIT  (8 * SECOND)  /* from our request to stop to the kill: more than ipi.c waits */
#define DRAIN_LIMIT (2 * SECOND)  /* from QEMU's end, which was ours, to what it left behind */
#define LEAVE_LIMIT (5 * SECOND)  /* from BYE to QEMU's end */
#define CLOSE_LIMIT (2 * SECOND)  /* from the end of the trace's socket to QEMU's */
#define NMI_LIMIT   (3 * SECOND)  /* from the NMI that asks it to panic to the kernel's panic */

static void signal_set(sigset_t *set)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	struct sigaction now;

	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGWINCH);
	sigaddset(set, SIGUSR1);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(set, signals[i]);
}

void session_signals_block(void)
{
	sigset_t set;

	signal_set(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a full disk to us */
}

void session_signals_unblock(void)
{
	sigset_t set;

	signal_set(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void session_stop(struct session *s, int status)
{
	const uint64_t now = clock_now_ns();

	if (s->stopping) { /* asked twice: now */
		s->kill_at = now;
		return;
	}
	s->stopping = true;
	s->stopped = status;
	s->kill_at = now + STOP_LIMIT;
	if (s->state.hello)
		receiver_stop_guest(s->receiver);
	else
		s->kill_at = now;
}

static void session_fail(struct session *s, const struct error *why)
{
	if (!s->why.status)
		s->why = *why;
	s->kill_at = clock_now_ns();
}

/* The trace port was closed, and not by the end of QEMU. */
static void port_lost(struct session *s)
{
	struct error why;

	s->closed_at = 0;
	if (s->directory) {
		error_set(&s->why, 125,
			  "the trace port was closed; the guest goes on, `ringscope attach %s`"
			  " goes on recording it",
			  s->directory->path);
		s->left = true;
	} else {
		error_set(&why, 125, "the trace port was closed while the guest ran");
		session_fail(s, &why);
	}
}

static void terminal_pause(struct session *s)
{
	if (s->tty)
		terminal_restore();
	kill(getpid(), SIGSTOP);
	if (s->tty)
		terminal_raw(STDIN_FILENO);
	s->input.window = s->tty;
}

static void signals_take(struct session *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			break; /* the loop asks the machine anyway */
		case SIGWINCH:
			s->input.window = s->tty;
			break;
		case SIGTSTP:
			terminal_pause(s);
			break;
		case SIGUSR1:
			receiver_freeze(s->receiver);
			break;
		default:
			session_stop(s, 128 + (int)info.ssi_signo);
			break;
		}
	}
}

/* The machine stopped, or is to: keep what only QEMU knows, and end it.  All else is in
 * its memory, which outlives it. */
static void session_crash(struct session *s, enum stop_reason reason)
{
	if (s->crashed)
		return;
	s->crashed = true;
	s->reason = reason;
	s->kill_at = clock_now_ns();
	if (reason != STOP_PANIC)
		monitor_command(&s->monitor, "stop", MONITOR_MS);
	monitor_human(&s->monitor, "info registers -a", &s->registers, MONITOR_MS);
}

/* It was off before QEMU listened to us: by the guest's will if it said BYE, which may
 * still be on its way, else by a triple fault. */
static void session_ended(struct session *s)
{
	s->kill_at = clock_now_ns();
	s->ended_before = true;
	monitor_human(&s->monitor, "info registers -a", &s->registers, MONITOR_MS);
}

static void monitor_look(struct session *s)
{
	if (s->monitor.panicked)
		session_crash(s, s->suspected_at ? STOP_HANG : STOP_PANIC);
	else if (s->monitor.reset)
		session_crash(s, STOP_TRIPLE_FAULT);
	else if (s->monitor.off && !s->kill_at)
		s->kill_at = clock_now_ns();
	else if (s->monitor.ended && !s->kill_at)
		session_ended(s);
}

/* No CPU is stuck that can be seen from outside, but does the kernel still answer? */
static bool is_silent(const struct session *s, uint64_t now)
{
	return s->state.answered_ns && !s->state.bye &&
	       now > s->state.answered_ns + s->watchdog * SECOND;
}

/* Once a second: is it stuck?  Then the kernel is asked to panic in an NMI, so that it
 * tells itself; what does not even do that is looked at from here. */
static void watch_turn(struct session *s)
{
	const uint64_t now = clock_now_ns();
	int stuck;

	if (!s->watchdog || s->stopping || s->crashed || s->bye_at || s->monitor.fd < 0 ||
	    now - s->watched_at < SECOND)
		return;
	if (s->monitor.paused || now - s->watched_at > 5 * SECOND) {
		/* It, or we, did not run: begin anew. */
		s->watch.found = false;
		memset(s->watch.mark, 0, sizeof(s->watch.mark));
		receiver_answered(s->receiver);
		s->watched_at = now;
		return;
	}
	s->watched_at = now;
	receiver_state(s->receiver, &s->state); /* its answers are no events */
	if (s->suspected_at) {
		if (s->suspect < 0 ? !is_silent(s, now)
				   : watch_acquitted(&s->watch, s->machine->memory))
			s->suspected_at = 0;
		else if (now - s->suspected_at > NMI_LIMIT)
			session_crash(s, STOP_HANG);
		return;
	}
	stuck = watch_look(&s->watch, &s->ram, now, s->watchdog * SECOND);
	if (stuck < 0 && !is_silent(s, now))
		return;
	s->suspect = stuck;
	s->suspected_at = now;
	watch_suspect(&s->watch, s->machine->memory, stuck);
	monitor_command(&s->monitor, "inject-nmi", MONITOR_MS);
	monitor_look(s);
}

/* A limit of time has passed: what to do about it. */
static void limits_check(struct session *s)
{
	const uint64_t now = clock_now_ns();
	struct error why;

	if (s->kill_at && now >= s->kill_at) {
		machine_kill(s->machine);
	} else if (s->stopping || s->why.status) {
		return;
	} else if (s->timeout && now - s->started > s->timeout * SECOND) {
		error_set(&why, 125, "the guest did not end within %u seconds", s->timeout);
		s->why = why;
		s->crashed = true;
		s->reason = STOP_TIMEOUT;
		session_stop(s, 125);
	} else if (s->unhurried) {
		return;
	} else if (!s->state.hello && now - s->started > BOOT_LIMIT) {
		error_set(&why, 125, "the kernel did not start within %llu seconds",
			  (unsigned long long)(BOOT_LIMIT / SECOND));
		session_fail(s, &why);
	} else if (s->closed_at && now - s->closed_at > CLOSE_LIMIT) {
		port_lost(s);
	} else if (s->bye_at && now - s->bye_at > LEAVE_LIMIT) {
		s->kill_at = now; /* all is said; only QEMU lingers */
	}
}

static int limits_next(const struct session *s)
{
	const uint64_t now = clock_now_ns();
	uint64_t next = now + SECOND;

	if (s->kill_at && s->kill_at < next)
		next = s->kill_at;
	return next <= now ? 0 : (int)((next - now) / 1000000 + 1);
}

static void changes_look(struct session *s)
{
	receiver_look(s->receiver, &s->state);
	control_reached(s->control, CONTROL_RULES, s->state.guest.rules);
	control_reached(s->control, CONTROL_FREEZES, s->state.guest.freezes);
	if (s->state.broken.status && !s->stopping) {
		session_fail(s, &s->state.broken);
		session_crash(s, STOP_BROKEN);
	}
	if (s->state.bye && !s->bye_at)
		s->bye_at = clock_now_ns();
	if (s->state.closed && !s->state.bye && !s->closed_at)
		s->closed_at = clock_now_ns();
}

static void output_check(struct session *s)
{
	struct error why;

	if (!s->output.error || s->stopping || s->why.status)
		return;
	if (s->output.error == EPIPE) {
		session_stop(s, 128 + SIGPIPE);
	} else {
		error_set(&why, 125, "cannot write standard output: %s", strerror(s->output.error));
		s->why = why;
		session_stop(s, 125);
	}
}

static void tail_take(struct tail *t, int *fd, bool show)
{
	const size_t before = t->length;
	const long got = tail_read(t, *fd);

	if (got <= 0) {
		close(*fd);
		*fd = -1;
	} else if (show && t->length >= before) {
		if (write(STDERR_FILENO, t->text + t->length - (size_t)got, (size_t)got) < 0)
			return; /* nobody to show it to */
	}
}

enum {
	POLL_SIGNALS,
	POLL_RECEIVER,
	POLL_INPUT,
	POLL_INPUT_PORT,
	POLL_OUTPUT_PORT,
	POLL_OUTPUT,
	POLL_ERROR_PORT,
	POLL_ERROR,
	POLL_LOG,
	POLL_EARLY,
	POLL_QEMU,
	POLL_MONITOR,
	POLL_CONTROL,
	POLL_COUNT = POLL_CONTROL + CONTROL_POLLS
};

static struct pollfd want(int fd, bool wanted, short events)
{
	return (struct pollfd){ .fd = wanted ? fd : -1, .events = events };
}

static void polls_fill(const struct session *s, struct pollfd polls[POLL_COUNT])
{
	const int *port = s->machine->port;

	polls[POLL_SIGNALS] = want(s->signals, true, POLLIN);
	polls[POLL_RECEIVER] = want(receiver_fd(s->receiver), true, POLLIN);
	polls[POLL_INPUT] = want(s->input.from, input_wants_read(&s->input), POLLIN);
	polls[POLL_INPUT_PORT] = want(s->input.to, input_wants_write(&s->input), POLLOUT);
	polls[POLL_OUTPUT_PORT] = want(s->output.from, stream_wants_read(&s->output), POLLIN);
	polls[POLL_OUTPUT] = want(s->output.to, stream_wants_write(&s->output), POLLOUT);
	polls[POLL_ERROR_PORT] = want(s->error.from, stream_wants_read(&s->error), POLLIN);
	polls[POLL_ERROR] = want(s->error.to, stream_wants_write(&s->error), POLLOUT);
	polls[POLL_LOG] = want(port[PORT_LOG], true, POLLIN);
	polls[POLL_EARLY] = want(port[PORT_EARLY], true, POLLIN);
	polls[POLL_QEMU] = want(port[PORT_QEMU], true, POLLIN);
	polls[POLL_MONITOR] = want(s->monitor.fd, true, POLLIN);
	control_polls(s->control, polls + POLL_CONTROL);
}

static void polls_serve(struct session *s, const struct pollfd polls[POLL_COUNT])
{
	int *port = s->machine->port;

	if (polls[POLL_SIGNALS].revents)
		signals_take(s);
	if (polls[POLL_RECEIVER].revents)
		changes_look(s);
	if (polls[POLL_INPUT].revents && !input_read(&s->input))
		session_stop(s, 128 + SIGINT);
	if (s->input.key && s->rules->key)
		receiver_freeze(s->receiver);
	s->input.key = false;
	if (polls[POLL_INPUT_PORT].revents)
		input_write(&s->input);
	if (polls[POLL_OUTPUT_PORT].revents)
		stream_read(&s->output);
	if (polls[POLL_OUTPUT].revents)
		stream_write(&s->output);
	if (polls[POLL_ERROR_PORT].revents)
		stream_read(&s->error);
	if (polls[POLL_ERROR].revents)
		stream_write(&s->error);
	if (polls[POLL_LOG].revents)
		tail_take(&s->log, &port[PORT_LOG], s->show_log);
	if (polls[POLL_EARLY].revents)
		tail_take(&s->early, &port[PORT_EARLY], false);
	if (polls[POLL_QEMU].revents)
		tail_take(&s->qemu, &port[PORT_QEMU], false);
	if (polls[POLL_MONITOR].revents) {
		monitor_read(&s->monitor);
		monitor_look(s);
	}
	control_serve(s->control, polls + POLL_CONTROL, s);
}

/* QEMU is gone and all that it left behind has been passed on.  When we ended it,
 * a reader of ours that sleeps, or a stranger that inherited a socket, is not
 * waited for. */
static bool session_over(struct session *s)
{
	const uint64_t now = clock_now_ns();

	if (s->left)
		return true;
	if (!machine_ended(s->machine))
		return false;
	if (!s->ended_at)
		s->ended_at = now;
	if (s->kill_at && now - s->ended_at > DRAIN_LIMIT)
		return true;
	if (!stream_done(&s->output) || !stream_done(&s->error) ||
	    s->machine->port[PORT_LOG] >= 0 || s->machine->port[PORT_EARLY] >= 0 ||
	    s->machine->port[PORT_QEMU] >= 0)
		return false;
	machine_followed(s->machine); /* the trace as well */
	return true;
}

void session_run(struct session *s)
{
	struct pollfd polls[POLL_COUNT];
	struct stat ram;
	sigset_t set;

	signal_set(&set);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	s->started = s->watched_at = clock_now_ns();
	s->suspect = -1;
	monitor_init(&s->monitor, s->machine->port[PORT_MONITOR]);
	if (s->machine->memory >= 0 && fstat(s->machine->memory, &ram) == 0)
		ram_of_machine(&s->ram, s->machine->memory, (uint64_t)ram.st_size);
	input_init(&s->input, STDIN_FILENO, s->machine->port[PORT_INPUT], s->tty);
	stream_init(&s->output, s->machine->port[PORT_OUTPUT], STDOUT_FILENO);
	stream_init(&s->error, s->machine->port[PORT_ERROR], STDERR_FILENO);
	while (!session_over(s)) {
		polls_fill(s, polls);
		if (poll(polls, POLL_COUNT, limits_next(s)) < 0 && errno != EINTR)
			break;
		polls_serve(s, polls);
		output_check(s);
		limits_check(s);
		watch_turn(s);
	}
	if (s->tty)
		terminal_restore();
	shutdown(s->machine->port[PORT_TRACE], SHUT_RD);
	shutdown(s->machine->port[PORT_CORE], SHUT_RD);
	close(s->signals);
	monitor_free(&s->monitor);
}

void session_judge(struct session *s)
{
	if (s->ended_before && !s->state.bye && !s->crashed && !s->left) {
		s->crashed = true;
		s->reason = STOP_TRIPLE_FAULT;
	}
	if (s->crashed || s->left || s->state.bye || s->kill_at)
		return;
	s->crashed = true; /* QEMU ended, and nobody had asked for that */
	s->reason = STOP_QEMU;
}
