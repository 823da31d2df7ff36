/* Messages of 9P: what is asked, and replies of every kind of server.
 * Include: tests/host/fake_fs.h
 * Sources: kernel/fs/host_message.c */
#include "kernel/fs/host_message.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/errno.h>
#include <linux/stat.h>

#define TAG 7

/* A reply under construction; its length is written by reply_done. */
struct server {
	uint8_t bytes[512];
	size_t length;
};

static void put(struct server *s, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		s->bytes[s->length++] = (uint8_t)(value >> 8 * i);
}

static struct server server(unsigned type)
{
	struct server s = { .length = 4 };

	put(&s, 1, type);
	put(&s, 2, TAG);
	return s;
}

/* Check a reply in memory that ends where it ends: the sanitizer sees what is read. */
static int begin(struct host_reply *r, struct server *s, unsigned type, uint8_t **memory)
{
	for (unsigned i = 0; i < 4; i++)
		s->bytes[i] = (uint8_t)(s->length >> 8 * i);
	*memory = malloc(s->length);
	memcpy(*memory, s->bytes, s->length);
	return reply_begin(r, *memory, s->length, type, TAG);
}

static void requests_are_laid_out(void **state)
{
	static const uint8_t expected[] = { 20, 0, 0, 0, 110, 7, 0, 1, 0, 0,
					    0,  2, 0, 0, 0,   1, 0, 1, 0, 'x' };
	uint8_t bytes[64];
	struct host_request r;

	request_begin(&r, bytes, sizeof(bytes), HOST_WALK, TAG);
	request_number(&r, 4, 1);
	request_number(&r, 4, 2);
	request_number(&r, 2, 1);
	request_text(&r, "x", 1);
	assert_int_equal(request_end(&r, 0), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
}

static void requests_that_do_not_fit_are_refused(void **state)
{
	uint8_t bytes[16];
	struct host_request r;

	request_begin(&r, bytes, sizeof(bytes), HOST_WALK, TAG);
	request_text(&r, "longer than that", 16);
	assert_int_equal(request_end(&r, 0), 0);
	request_begin(&r, bytes, sizeof(bytes), HOST_WALK, TAG);
	request_text(&r, "", UINT16_MAX + 1);
	assert_int_equal(request_end(&r, 0), 0);
}

static void errors_come_through(void **state)
{
	static const struct {
		uint32_t said;
		int error;
	} cases[] = {
		{ ENOENT, -ENOENT }, { EACCES, -EACCES }, { 4095, -4095 },
		{ 0, -EIO },         { 4096, -EIO },      { UINT32_MAX, -EIO },
	};
	struct host_reply r;
	uint8_t *memory;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct server s = server(HOST_ERROR + 1);

		put(&s, 4, cases[i].said);
		assert_int_equal(begin(&r, &s, HOST_WALK, &memory), cases[i].error);
		free(memory);
	}
}

static void heads_that_lie_are_refused(void **state)
{
	struct server s = server(HOST_WALK + 1);
	struct host_reply r;
	uint8_t *memory;

	assert_int_equal(begin(&r, &s, HOST_WALK, &memory), 0);
	assert_int_equal(reply_begin(&r, memory, s.length, HOST_WALK, TAG + 1), -EIO);
	assert_int_equal(reply_begin(&r, memory, s.length, HOST_READ, TAG), -EIO);
	for (size_t n = 0; n < s.length; n++)
		assert_int_equal(reply_begin(&r, memory, n, HOST_WALK, TAG), -EIO);
	memory[0]++;
	assert_int_equal(reply_begin(&r, memory, s.length, HOST_WALK, TAG), -EIO);
	memset(memory, 0xff, 4);
	assert_int_equal(reply_begin(&r, memory, s.length, HOST_WALK, TAG), -EIO);
	free(memory);
}

static void texts_are_checked(void **state)
{
	static const struct {
		unsigned says;
		const char *bytes;
		size_t has;
		bool good;
	} cases[] = {
		{ 3, "abc", 3, true },   { 4, "abc", 3, false }, { 0xffff, "abc", 3, false },
		{ 3, "a\0c", 3, false }, { 0, "", 0, true },
	};
	struct host_reply r;
	uint8_t *memory;
	size_t length;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct server s = server(HOST_READLINK + 1);

		put(&s, 2, cases[i].says);
		for (size_t k = 0; k < cases[i].has; k++)
			put(&s, 1, (uint8_t)cases[i].bytes[k]);
		assert_int_equal(begin(&r, &s, HOST_READLINK, &memory), 0);
		reply_text(&r, &length);
		assert_int_equal(reply_end(&r), cases[i].good ? 0 : -EIO);
		assert_int_equal(length, cases[i].good ? cases[i].says : 0);
		free(memory);
	}
}

static struct server attributes(uint8_t qid_type, uint32_t mode, uint64_t size, uint64_t seconds)
{
	struct server s = server(HOST_ATTRIBUTES + 1);

	put(&s, 8, 0x7ff);
	put(&s, 1, qid_type);
	put(&s, 4, 1);
	put(&s, 8, 42);
	put(&s, 4, mode);
	put(&s, 4, 1000);
	put(&s, 4, 100);
	put(&s, 8, 2);
	put(&s, 8, 0);
	put(&s, 8, size);
	put(&s, 8, 4096);
	put(&s, 8, 8);
	for (int i = 0; i < 4; i++) {
		put(&s, 8, seconds);
		put(&s, 8, 5);
	}
	put(&s, 8, 0);
	put(&s, 8, 0);
	return s;
}

static void attributes_are_checked(void **state)
{
	static const struct {
		uint8_t qid_type;
		uint32_t mode;
		uint64_t size;
		bool good;
	} cases[] = {
		{ 0, S_IFREG | 0644, 100, true },
		{ HOST_QID_DIRECTORY, S_IFDIR | 0755, 4096, true },
		{ HOST_QID_LINK, S_IFLNK | 0777, 3, true },
		{ HOST_QID_DIRECTORY, S_IFREG | 0644, 100, false },
		{ 0, S_IFDIR | 0755, 4096, false },
		{ 0, 0644, 0, false },
		{ 0, S_IFREG, 1ull << 63, false },
	};
	struct host_attributes a;
	struct host_reply r;
	uint8_t *memory;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct server s = attributes(cases[i].qid_type, cases[i].mode, cases[i].size, 10);

		assert_int_equal(begin(&r, &s, HOST_ATTRIBUTES, &memory), 0);
		reply_attributes(&r, &a);
		assert_int_equal(reply_end(&r), cases[i].good ? 0 : -EIO);
		assert_int_equal(a.qid.path, 42);
		assert_int_equal(a.size, cases[i].size);
		assert_int_equal(a.mtime, 10000000005);
		free(memory);
	}
}

static void times_do_not_wrap(void **state)
{
	struct server s = attributes(0, S_IFREG, 0, INT64_MAX);
	struct host_attributes a;
	struct host_reply r;
	uint8_t *memory;

	assert_int_equal(begin(&r, &s, HOST_ATTRIBUTES, &memory), 0);
	reply_attributes(&r, &a);
	assert_int_equal(reply_end(&r), 0);
	assert_true(a.mtime > UINT64_MAX / 2);
	free(memory);
	s = attributes(0, S_IFREG, 0, (uint64_t)-1);
	begin(&r, &s, HOST_ATTRIBUTES, &memory);
	reply_attributes(&r, &a);
	assert_int_equal(a.mtime, 0);
	free(memory);
}

/* However short it is cut: no byte behind the end is read, and it fails. */
static void cut_attributes_fail(void **state)
{
	struct host_attributes a;
	struct host_reply r;
	uint8_t *memory;

	for (size_t n = 7; n < attributes(0, S_IFREG, 0, 1).length - 16; n++) {
		struct server s = attributes(0, S_IFREG, 0, 1);

		s.length = n;
		assert_int_equal(begin(&r, &s, HOST_ATTRIBUTES, &memory), 0);
		reply_attributes(&r, &a);
		assert_int_equal(reply_end(&r), -EIO);
		free(memory);
	}
}

static void entry_put(struct server *s, uint64_t path, uint8_t type, const char *name)
{
	put(s, 1, 0);
	put(s, 4, 0);
	put(s, 8, path);
	put(s, 8, path + 100);
	put(s, 1, type);
	put(s, 2, strlen(name));
	for (; *name; name++)
		put(s, 1, (uint8_t)*name);
}

/* A listing whose count says `more` bytes more than there are. */
static int entries_count(const char *const *names, uint8_t type, int more, unsigned *count)
{
	struct server s = server(HOST_LIST + 1);
	struct host_entry e;
	struct host_reply r;
	uint8_t *memory;
	unsigned total = 0;
	size_t left;
	int error;

	put(&s, 4, 0);
	for (; names[total]; total++)
		entry_put(&s, total, type, names[total]);
	s.bytes[7] = (uint8_t)(s.length - 11 + (size_t)more);
	assert_int_equal(begin(&r, &s, HOST_LIST, &memory), 0);
	left = reply_number(&r, 4);
	*count = 0;
	while (reply_entry(&r, &left, &e) && *count < total) {
		assert_int_equal(e.qid.path, *count);
		assert_int_equal(e.next, *count + 100);
		assert_int_equal(e.length, strlen(names[*count]));
		assert_memory_equal(e.name, names[*count], e.length);
		++*count;
	}
	error = reply_end(&r);
	free(memory);
	return error;
}

static void listings_are_checked(void **state)
{
	static const char *const good[] = { "a", "bcd", ".", NULL }, *const none[] = { NULL },
				 *const slash[] = { "a", "b/c", NULL },
				 *const empty[] = { "a", "", NULL };
	unsigned count;

	assert_int_equal(entries_count(good, 8, 0, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(entries_count(none, 8, 0, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(entries_count(slash, 8, 0, &count), -EIO);
	assert_int_equal(entries_count(empty, 8, 0, &count), -EIO);
	assert_int_equal(entries_count(good, 16, 0, &count), -EIO);
	for (int more = -5; more <= 40; more++) {
		if (more)
			assert_int_equal(entries_count(good, 8, more, &count), -EIO);
	}
}

/* Bytes at random in place of any reply: nothing but a clear yes or no. */
static void noise_is_survived(void **state)
{
	static const unsigned types[] = { HOST_WALK, HOST_ATTRIBUTES, HOST_LIST, HOST_READLINK };
	unsigned seed = 1;

	for (unsigned round = 0; round < 20000; round++) {
		unsigned type = types[round % 4];
		struct server s = server(type + 1);
		struct host_attributes a;
		struct host_entry e;
		struct host_reply r;
		uint8_t *memory;
		size_t left;

		for (unsigned n = (unsigned)rand_r(&seed) % 200; n; n--)
			put(&s, 1, (unsigned)rand_r(&seed) & (round & 4 ? 0xff : 0x03));
		assert_int_equal(begin(&r, &s, type, &memory), 0);
		if (type == HOST_ATTRIBUTES)
			reply_attributes(&r, &a);
		else if (type == HOST_READLINK)
			reply_text(&r, &left);
		else
			for (left = reply_number(&r, 4); reply_entry(&r, &left, &e);)
				assert_true(e.length && e.length <= 255);
		free(memory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_laid_out),
		cmocka_unit_test(requests_that_do_not_fit_are_refused),
		cmocka_unit_test(errors_come_through),
		cmocka_unit_test(heads_that_lie_are_refused),
		cmocka_unit_test(texts_are_checked),
		cmocka_unit_test(attributes_are_checked),
		cmocka_unit_test(times_do_not_wrap),
		cmocka_unit_test(cut_attributes_fail),
		cmocka_unit_test(listings_are_checked),
		cmocka_unit_test(noise_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
