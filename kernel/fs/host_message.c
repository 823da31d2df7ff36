#include "kernel/fs/host_message.h"

#include <linux/errno.h>
#include <linux/stat.h>

#include "kernel/lib/string.h"

#define HEAD_BYTES      7 /* length, type, tag */
#define ERRNO_LIMIT     4096
#define NAME_LENGTH_MAX 255
#define SECOND_NS       1000000000ull
#define SECONDS_MAX     (UINT64_MAX / SECOND_NS - 1)

void request_number(struct host_request *r, unsigned bytes, uint64_t value)
{
	if (r->size - r->length < bytes) {
		r->failed = true;
		return;
	}
	for (unsigned i = 0; i < bytes; i++)
		r->bytes[r->length++] = (uint8_t)(value >> 8 * i);
}

void request_begin(struct host_request *r, void *memory, size_t size, unsigned type, uint16_t tag)
{
	*r = (struct host_request){ .bytes = memory, .size = size };
	request_number(r, 4, 0);
	request_number(r, 1, type);
	request_number(r, 2, tag);
}

void request_text(struct host_request *r, const char *text, size_t length)
{
	if (length > UINT16_MAX)
		r->failed = true;
	request_number(r, 2, length);
	if (r->failed || r->size - r->length < length) {
		r->failed = true;
		return;
	}
	memcpy(r->bytes + r->length, text, length);
	r->length += length;
}

size_t request_end(struct host_request *r, size_t more)
{
	size_t length = r->length;

	r->length = 0;
	request_number(r, 4, length + more);
	r->length = length;
	return r->failed ? 0 : length;
}

/* The next n bytes; NULL: there are not so many. */
static const uint8_t *take(struct host_reply *r, size_t n)
{
	if (r->failed || r->length - r->at < n) {
		r->failed = true;
		return NULL;
	}
	r->at += n;
	return r->bytes + r->at - n;
}

uint64_t reply_number(struct host_reply *r, unsigned bytes)
{
	const uint8_t *from = take(r, bytes);
	uint64_t value = 0;

	for (unsigned i = 0; from && i < bytes; i++)
		value |= (uint64_t)from[i] << 8 * i;
	return value;
}

const char *reply_text(struct host_reply *r, size_t *length)
{
	size_t n = reply_number(r, 2);
	const char *text = (const char *)take(r, n);

	if (text && strnlen(text, n) != n)
		r->failed = true;
	*length = r->failed ? 0 : n;
	return r->failed ? "" : text;
}

int reply_begin(struct host_reply *r, const void *bytes, size_t written, unsigned type,
		uint16_t tag)
{
	uint64_t length, got_type, got_tag, error;

	*r = (struct host_reply){ .bytes = bytes, .length = written };
	length = reply_number(r, 4);
	got_type = reply_number(r, 1);
	got_tag = reply_number(r, 2);
	if (r->failed || length != written || length < HEAD_BYTES || got_tag != tag)
		return -EIO;
	if (got_type == type + 1)
		return 0;
	error = reply_number(r, 4);
	if (got_type != HOST_ERROR + 1 || r->failed || !error || error >= ERRNO_LIMIT)
		return -EIO;
	return -(int)error;
}

int reply_end(const struct host_reply *r)
{
	return r->failed ? -EIO : 0;
}

struct host_qid reply_qid(struct host_reply *r)
{
	struct host_qid qid;

	qid.type = (uint8_t)reply_number(r, 1);
	reply_number(r, 4); /* version: nothing changes while we look */
	qid.path = reply_number(r, 8);
	return qid;
}

/* Seconds and nanoseconds; what is out of range is cut to it. */
static uint64_t reply_time(struct host_reply *r)
{
	int64_t seconds = (int64_t)reply_number(r, 8);
	uint64_t ns = reply_number(r, 8);

	if (seconds < 0)
		return 0;
	return MIN((uint64_t)seconds, SECONDS_MAX) * SECOND_NS + MIN(ns, SECOND_NS - 1);
}

static bool kind_agrees(const struct host_attributes *a)
{
	switch (a->mode & S_IFMT) {
	case S_IFDIR:
		return a->qid.type & HOST_QID_DIRECTORY;
	case S_IFLNK:
		return a->qid.type & HOST_QID_LINK;
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return !(a->qid.type & (HOST_QID_DIRECTORY | HOST_QID_LINK));
	default:
		return false;
	}
}

void reply_attributes(struct host_reply *r, struct host_attributes *out)
{
	uint64_t links;

	reply_number(r, 8); /* which of them are valid: all of the basic ones */
	out->qid = reply_qid(r);
	out->mode = (uint32_t)reply_number(r, 4) & (S_IFMT | 07777);
	out->uid = (uint32_t)reply_number(r, 4);
	out->gid = (uint32_t)reply_number(r, 4);
	links = reply_number(r, 8);
	out->links = (uint32_t)MIN(links, UINT32_MAX);
	out->device = reply_number(r, 8);
	out->size = reply_number(r, 8);
	reply_number(r, 8); /* block size */
	out->blocks = reply_number(r, 8);
	out->atime = reply_time(r);
	out->mtime = reply_time(r);
	out->ctime = reply_time(r);
	out->btime = reply_time(r);
	if (!kind_agrees(out) || out->size > INT64_MAX || out->blocks > INT64_MAX)
		r->failed = true;
}

bool reply_entry(struct host_reply *r, size_t *left, struct host_entry *out)
{
	size_t before = r->at;

	if (!*left || r->failed)
		return false;
	out->qid = reply_qid(r);
	out->next = reply_number(r, 8);
	out->type = (uint8_t)reply_number(r, 1);
	out->name = reply_text(r, &out->length);
	if (r->at - before > *left || !out->length || out->length > NAME_LENGTH_MAX ||
	    memchr(out->name, '/', out->length) || out->type > 15)
		r->failed = true;
	if (r->failed)
		return false;
	*left -= r->at - before;
	return true;
}
