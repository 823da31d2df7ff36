#include "tracer/decode/address.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "tracer/decode/names.h"

static unsigned port_of(const uint8_t *bytes)
{
	return (unsigned)bytes[2] << 8 | bytes[3];
}

static void unix_print(struct buffer *b, const uint8_t *bytes, unsigned length)
{
	const char *path = (const char *)bytes + 2;

	if (length <= 2)
		return;
	if (!*path) { /* abstract: all of it counts */
		buffer_string(b, ", sun_path=@");
		buffer_quote(b, path + 1, length - 3);
	} else {
		buffer_string(b, ", sun_path=");
		buffer_quote(b, path, strnlen(path, length - 2));
	}
}

static void inet6_print(struct buffer *b, const uint8_t *bytes)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, bytes + 8, text, sizeof(text));
	buffer_printf(b,
		      ", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), inet_pton(AF_INET6, \"%s\","
		      " &sin6_addr), sin6_scope_id=%u",
		      port_of(bytes),
		      (unsigned)bytes[4] << 24 | (unsigned)bytes[5] << 16 |
			      (unsigned)bytes[6] << 8 | bytes[7],
		      text,
		      bytes[24] | (unsigned)bytes[25] << 8 | (unsigned)bytes[26] << 16 |
			      (unsigned)bytes[27] << 24);
}

bool address_print(struct buffer *b, const uint8_t *bytes, unsigned length)
{
	unsigned family;

	if (length < 2)
		return false;
	family = bytes[0] | (unsigned)bytes[1] << 8;
	buffer_string(b, "{sa_family=");
	set_print(b, SET_socket_domain, family);
	if (family == AF_UNIX)
		unix_print(b, bytes, length);
	else if (family == AF_INET && length >= 8)
		buffer_printf(b, ", sin_port=htons(%u), sin_addr=inet_addr(\"%u.%u.%u.%u\")",
			      port_of(bytes), bytes[4], bytes[5], bytes[6], bytes[7]);
	else if (family == AF_INET6 && length >= 28)
		inet6_print(b, bytes);
	buffer_char(b, '}');
	return true;
}
