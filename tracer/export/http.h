/* HTTP/1.1 as far as a database on the other side needs it: POST with a body of any
 * length, and the answer.  Plain TCP; whoever wants TLS puts a proxy in between. */
#ifndef TRACER_EXPORT_HTTP_H
#define TRACER_EXPORT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/buffer.h"
#include "tracer/error.h"

/* http://[USER[:PASSWORD]@]HOST[:PORT][/PATH]; %XX is understood in user and password. */
struct http_url {
	char host[256], port[8], path[256]; /* path without the first slash */
	char user[128], password[128];      /* "" none */
};

/* 0, or 2 with what is wrong. */
int http_url_parse(struct http_url *u, const char *text, const char *port, struct error *why);

struct http;

/* Connect and send the head of a POST of target ("/?query=...", encoded by the caller);
 * headers are whole lines with \r\n.  Each request has a connection of its own. */
int http_post(struct http **out, const struct http_url *u, const char *target, const char *headers,
	      struct error *why);
/* Some bytes of the body.  An error may be the server's: http_end then says why. */
int http_send(struct http *h, const void *bytes, size_t size);
/* End the body, read the answer; *status is its code, body its text (at most 1 MiB).
 * Frees h in any case. */
int http_end(struct http *h, unsigned *status, struct buffer *body, struct error *why);

/* Append text as one part of a query. */
void http_encode(struct buffer *b, const char *text);

#endif
