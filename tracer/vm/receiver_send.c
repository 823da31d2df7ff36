/* What the host says to the guest. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "tracer/vm/receiver_parts.h"
#include "tracer/wire.h"

/* Send a frame whole.  The guest reads only now and then, but never so rarely
 * that frames of a few bytes fill the socket; if they do the guest is gone. */
static void frame_send(struct receiver *r, unsigned kind, const void *payload, uint32_t length)
{
	const struct trace_frame head = wire_header(kind, payload, length);
	uint8_t bytes[sizeof(head) + sizeof(struct trace_rule)];

	if (length > sizeof(bytes) - sizeof(head))
		return;
	memcpy(bytes, &head, sizeof(head));
	if (length)
		memcpy(bytes + sizeof(head), payload, length);
	pthread_mutex_lock(&r->lock);
	if (send(r->socket, bytes, sizeof(head) + length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
	    errno != EPIPE && errno != ECONNRESET && !r->state.broken.status)
		error_set(&r->state.broken, 125, "the guest no longer reads the trace port: %s",
			  strerror(errno));
	pthread_mutex_unlock(&r->lock);
}

void receiver_credit(struct receiver *r, uint64_t blocks)
{
	frame_send(r, FRAME_CREDIT, &blocks, sizeof(blocks));
}

void receiver_ping(struct receiver *r)
{
	const uint64_t now = clock_now_ns();

	frame_send(r, FRAME_PING, &now, sizeof(now));
}

void receiver_stop_guest(struct receiver *r)
{
	frame_send(r, FRAME_STOP, NULL, 0);
}

void receiver_flush(struct receiver *r)
{
	frame_send(r, FRAME_FLUSH, NULL, 0);
}

void receiver_freeze(struct receiver *r)
{
	frame_send(r, FRAME_FREEZE, NULL, 0);
}

void receiver_rules(struct receiver *r, const struct rules *rules)
{
	static const struct trace_rule none = { 0 };
	struct rules numbered = *rules;

	rules_number(&numbered);
	for (unsigned i = 0; i < numbered.count; i++)
		frame_send(r, FRAME_RULE, &numbered.rule[i], sizeof(numbered.rule[i]));
	if (numbered.count == 0)
		frame_send(r, FRAME_RULE, &none, sizeof(none));
	pthread_mutex_lock(&r->lock);
	r->state.sets++;
	pthread_mutex_unlock(&r->lock);
}
