/* Messages of 9P2000.L: requests are built, replies are checked and taken apart.
 * Nothing here sleeps, allocates or trusts a byte of a reply.
 *
 * Formats: the 9P2000.L protocol as diod's protocol.md has it; numbers are little-endian. */
#ifndef KERNEL_FS_HOST_MESSAGE_H
#define KERNEL_FS_HOST_MESSAGE_H

#include "kernel/lib/types.h"

enum host_message_type {                 /* of the request; its reply has the next number */
			 HOST_ERROR = 6, /* only the reply, 7, exists */
			 HOST_STATFS = 8,
			 HOST_OPEN = 12,
			 HOST_CREATE = 14,
			 HOST_SYMLINK = 16,
			 HOST_MKNOD = 18,
			 HOST_READLINK = 22,
			 HOST_ATTRIBUTES = 24,
			 HOST_CHANGE = 26,
			 HOST_LIST = 40,
			 HOST_SYNC = 50,
			 HOST_LINK = 70,
			 HOST_MKDIR = 72,
			 HOST_RENAME = 74, /* of a name in a directory */
			 HOST_UNLINK = 76, /* likewise */
			 HOST_VERSION = 100,
			 HOST_ATTACH = 104,
			 HOST_WALK = 110,
			 HOST_READ = 116,
			 HOST_WRITE = 118,
			 HOST_CLUNK = 120,
};

/* What HOST_CHANGE changes; a time without its _SET bit becomes the server's now. */
#define HOST_SET_MODE      0x001
#define HOST_SET_UID       0x002
#define HOST_SET_GID       0x004
#define HOST_SET_SIZE      0x008
#define HOST_SET_ATIME     0x010
#define HOST_SET_MTIME     0x020
#define HOST_SET_ATIME_SET 0x080
#define HOST_SET_MTIME_SET 0x100

#define HOST_UNLINK_DIRECTORY 0x200 /* flag of HOST_UNLINK */

#define HOST_READ_HEAD 11     /* bytes of a read's reply before the data */
#define HOST_NO_FID    (~0u)  /* no authentication */
#define HOST_NO_TAG    0xffff /* of the version message */

/* --- requests --------------------------------------------------------------------- */

struct host_request {
	uint8_t *bytes;
	size_t size, length;
	bool failed; /* it did not fit */
};

void request_begin(struct host_request *r, void *memory, size_t size, unsigned type, uint16_t tag);
/* The lowest `bytes` bytes of value. */
void request_number(struct host_request *r, unsigned bytes, uint64_t value);
void request_text(struct host_request *r, const char *text, size_t length);
/* Its length in bytes, behind which `more` follow; 0: it did not fit. */
size_t request_end(struct host_request *r, size_t more);

/* --- replies ---------------------------------------------------------------------- */

struct host_reply {
	const uint8_t *bytes;
	size_t length, at;
	bool failed; /* it ended early, or says what cannot be */
};

/* `written` bytes came in answer to a request of this type and tag.  0; the error
 * that the server answers with; -EIO: it is no such reply. */
int reply_begin(struct host_reply *r, const void *bytes, size_t written, unsigned type,
		uint16_t tag);
/* Numbers and texts are 0 and "" once failed.  A text lies in the reply: not
 * NUL-terminated, free of NULs. */
uint64_t reply_number(struct host_reply *r, unsigned bytes);
const char *reply_text(struct host_reply *r, size_t *length);
/* 0, or -EIO when something was missing. */
int reply_end(const struct host_reply *r);

#define HOST_QID_DIRECTORY 0x80
#define HOST_QID_LINK      0x02

struct host_qid {
	uint8_t type; /* HOST_QID_* */
	uint64_t path;
};
struct host_qid reply_qid(struct host_reply *r);

struct host_attributes {
	struct host_qid qid;
	uint32_t mode, uid, gid, links;
	uint64_t device, size, blocks;       /* blocks of 512 bytes */
	uint64_t atime, mtime, ctime, btime; /* ns */
};
/* Fails, too, when the mode says another kind of file than the qid, or the size is
 * none. */
void reply_attributes(struct host_reply *r, struct host_attributes *out);

struct host_entry {
	struct host_qid qid;
	uint64_t next; /* to go on behind it */
	uint8_t type;  /* DT_* */
	const char *name;
	size_t length;
};
/* The next entry of a directory in a reply to HOST_LIST, of which `left` bytes (at
 * first: the count in it) are left; false at their end, or failed. */
bool reply_entry(struct host_reply *r, size_t *left, struct host_entry *out);

#endif
