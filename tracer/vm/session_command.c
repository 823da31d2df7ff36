#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/events.h"
#include "tracer/vm/session.h"

#define SETTLE_MS 2000 /* for what a paused guest has sent to be stored */

/* Rules from a request, in place of those of the same action. */
static void rules_change(struct session *s, struct control_client *c, enum trace_rule_action action)
{
	struct rules rules = *s->rules;
	struct error why = { 0 };
	int status = 0;

	rules_clear(&rules, action);
	for (const char *text = control_argument(c, NULL); text && !status;
	     text = control_argument(c, text))
		status = action == RULE_KEEP ? rules_filter(&rules, text, &why)
					     : rules_trigger(&rules, text, &why);
	if (status) {
		control_reply(c, "error: %s\n", why.text);
		return;
	}
	*s->rules = rules;
	receiver_rules(s->receiver, &rules);
	if (s->directory)
		run_directory_save_rules(s->directory, &rules, NULL);
	receiver_state(s->receiver, &s->state);
	control_wait(c, CONTROL_RULES, s->state.sets);
}

static void status_tell(struct session *s, struct control_client *c)
{
	char *trace = realpath(s->trace, NULL);

	receiver_state(s->receiver, &s->state);
	control_reply(c,
		      "ok\npid %d\nrules %u\nblocks %llu\nbytes %llu\ntriggers %u\nfreezes %u\n"
		      "frozen %u\nstore %s\ntrace %s\n",
		      (int)getpid(), s->rules->count, (unsigned long long)s->state.blocks,
		      (unsigned long long)s->state.bytes, s->state.guest.triggers,
		      s->state.guest.freezes, s->state.guest.frozen,
		      s->state.store.status ? s->state.store.text : "good",
		      trace ? trace : s->trace);
	free(trace);
}

/* For who looks at the guest's memory: it stands still, all that it sent is stored, and
 * these are its registers. */
static void machine_pause(struct session *s, struct control_client *c)
{
	struct buffer registers = { 0 };

	if (!monitor_command(&s->monitor, "stop", MONITOR_MS) ||
	    !monitor_human(&s->monitor, "info registers -a", &registers, MONITOR_MS)) {
		control_reply(c, "error: QEMU's monitor does not answer\n");
	} else {
		receiver_settle(s->receiver, SETTLE_MS);
		control_reply_text(c, buffer_text(&registers));
	}
	buffer_free(&registers);
}

void session_command(struct session *s, struct control_client *c, const char *command)
{
	if (strcmp(command, "status") == 0) {
		status_tell(s, c);
	} else if (strcmp(command, "pause") == 0) {
		machine_pause(s, c);
	} else if (strcmp(command, "resume") == 0) {
		if (monitor_command(&s->monitor, "cont", MONITOR_MS))
			control_reply(c, "ok\n");
		else
			control_reply(c, "error: QEMU's monitor does not answer\n");
	} else if (!s->state.hello || s->stopping) {
		control_reply(c, "error: the guest %s\n",
			      s->stopping ? "is being stopped" : "does not run yet");
	} else if (strcmp(command, "filter") == 0) {
		rules_change(s, c, RULE_KEEP);
	} else if (strcmp(command, "trigger") == 0) {
		rules_change(s, c, RULE_TRIGGER);
	} else if (strcmp(command, "freeze") == 0) {
		receiver_state(s->receiver, &s->state);
		if (s->state.hello_frame.mode == MODE_FLIGHT)
			control_wait(c, CONTROL_FREEZES, s->state.guest.freezes + 1);
		else
			control_reply(c, "ok\n");
		receiver_freeze(s->receiver);
	} else if (strcmp(command, "flush") == 0) {
		receiver_flush(s->receiver);
		control_reply(c, "ok\n");
	} else if (strcmp(command, "detach") == 0) {
		if (s->directory)
			control_reply(c, "ok\nattach %s\n", s->directory->path);
		else
			control_reply(c, "error: the guest ends with its tracer; run it with"
					 " --on-tracer-loss\n");
		s->left = s->directory != NULL;
	} else if (strcmp(command, "stop") == 0) {
		session_stop(s, 128 + SIGTERM);
		control_reply(c, "ok\n");
	} else {
		control_reply(c, "error: no such command: %s\n", command);
	}
}
