#include "tracer/decode/form.h"

#include "schemas/syscalls.h"

#define COUNT(list)      (sizeof(list) / sizeof((list)[0]))
#define FUTEX_OPERATIONS 127u
#define MAKES_A_FILE     (0x40u | 0x400000u) /* O_CREAT, __O_TMPFILE */
#define NEW_PLACE        6u                  /* MREMAP_FIXED, MREMAP_DONTUNMAP */
#define ON_A_CPU         1u                  /* MEMBARRIER_CMD_FLAG_CPU */

/* --- futex ------------------------------------------------------------------------- */

/* What comes behind address and operation; ends at argument 0. */
static const struct futex_form {
	uint8_t part[4][2];
} futex_forms[] = {
	[0] = { { { 2, TYPE_uint }, { 3, TYPE_timespec } } },              /* WAIT */
	[1] = { { { 2, TYPE_uint } } },                                    /* WAKE */
	[3] = { { { 2, TYPE_uint }, { 3, TYPE_uint }, { 4, TYPE_ptr } } }, /* REQUEUE */
	[4] = { { { 2, TYPE_uint }, { 3, TYPE_uint }, { 4, TYPE_ptr }, { 5, TYPE_uint } } },
	[5] = { { { 2, TYPE_uint }, { 3, TYPE_uint }, { 4, TYPE_ptr }, { 5, TYPE_hex } } },
	[6] = { { { 3, TYPE_timespec } } }, /* LOCK_PI */
	[7] = { { { 0, 0 } } },             /* UNLOCK_PI */
	[8] = { { { 0, 0 } } },             /* TRYLOCK_PI */
	[9] = { { { 2, TYPE_uint }, { 3, TYPE_timespec }, { 5, TYPE_futex_bits } } },
	[10] = { { { 2, TYPE_uint }, { 5, TYPE_futex_bits } } }, /* WAKE_BITSET */
	[11] = { { { 2, TYPE_uint },
		   { 3, TYPE_timespec },
		   { 4, TYPE_ptr } } }, /* WAIT_REQUEUE_PI */
	[12] = { { { 2, TYPE_uint }, { 3, TYPE_uint }, { 4, TYPE_ptr }, { 5, TYPE_uint } } },
	[13] = { { { 3, TYPE_timespec } } }, /* LOCK_PI2 */
};

static void form_add(struct form *f, unsigned arg, unsigned type)
{
	f->part[f->count].arg = (uint8_t)arg;
	f->part[f->count].type = (uint8_t)type;
	f->count++;
}

static void futex_form(const struct call *c, struct form *f)
{
	const unsigned op = c->arg[1] & FUTEX_OPERATIONS;

	if (op >= COUNT(futex_forms) || op == 2) /* FD is no more */
		return;
	f->count = 2;
	for (unsigned i = 0; i < 4 && futex_forms[op].part[i][0]; i++)
		form_add(f, futex_forms[op].part[i][0], futex_forms[op].part[i][1]);
}

/* --- prctl ------------------------------------------------------------------------- */

/* Arguments behind the option; those that are not here are printed as numbers. */
static const struct property {
	uint32_t option;
	uint8_t count, arg2, arg3, result;
} properties[] = {
	{ 1, 1, TYPE_signal, 0, TYPE_int },                 /* SET_PDEATHSIG */
	{ 2, 1, TYPE_out_signal, 0, TYPE_int },             /* GET_PDEATHSIG */
	{ 3, 0, 0, 0, TYPE_dumpable },                      /* GET_DUMPABLE */
	{ 4, 1, TYPE_dumpable, 0, TYPE_int },               /* SET_DUMPABLE */
	{ 7, 0, 0, 0, TYPE_int },                           /* GET_KEEPCAPS */
	{ 8, 1, TYPE_ulong, 0, TYPE_int },                  /* SET_KEEPCAPS */
	{ 15, 1, TYPE_string, 0, TYPE_int },                /* SET_NAME */
	{ 16, 1, TYPE_out_path, 0, TYPE_int },              /* GET_NAME */
	{ 21, 0, 0, 0, TYPE_int },                          /* GET_SECCOMP */
	{ 23, 1, TYPE_capability, 0, TYPE_int },            /* CAPBSET_READ */
	{ 24, 1, TYPE_capability, 0, TYPE_int },            /* CAPBSET_DROP */
	{ 27, 0, 0, 0, TYPE_int },                          /* GET_SECUREBITS */
	{ 29, 1, TYPE_ulong, 0, TYPE_int },                 /* SET_TIMERSLACK */
	{ 30, 0, 0, 0, TYPE_int },                          /* GET_TIMERSLACK */
	{ 36, 1, TYPE_ulong, 0, TYPE_int },                 /* SET_CHILD_SUBREAPER */
	{ 37, 1, TYPE_out_id, 0, TYPE_int },                /* GET_CHILD_SUBREAPER */
	{ 38, 4, TYPE_ulong, TYPE_hex, TYPE_int },          /* SET_NO_NEW_PRIVS */
	{ 47, 4, TYPE_ambient, TYPE_capability, TYPE_int }, /* CAP_AMBIENT */
};

static const struct property *property_of(const struct call *c)
{
	for (size_t i = 0; i < COUNT(properties); i++)
		if (properties[i].option == (uint32_t)c->arg[0])
			return &properties[i];
	return NULL;
}

enum call_type form_property_result(const struct call *c)
{
	const struct property *p = property_of(c);

	return p ? (enum call_type)p->result : TYPE_int;
}

static void property_form(const struct call *c, struct form *f)
{
	const struct property *p = property_of(c);

	if (!p)
		return;
	f->count = 1 + p->count;
	f->part[1].type = p->arg2;
	/* The sets that are cleared have no capability. */
	f->part[2].type = p->option == 47 && c->arg[1] == 4 ? TYPE_hex : p->arg3;
}

/* --- All --------------------------------------------------------------------------- */

static unsigned fcntl_count(const struct call *c)
{
	switch (c->arg[1]) {
	case 1: /* F_GETFD, F_GETFL, F_GETOWN, F_GETSIG, F_GETLEASE, F_GETPIPE_SZ, F_GET_SEALS */
	case 3:
	case 9:
	case 11:
	case 1025:
	case 1032:
	case 1034:
		return 2;
	default:
		return 3;
	}
}

static bool is_device(uint64_t mode)
{
	return (mode & 0170000) == 0020000 || (mode & 0170000) == 0060000;
}

void form_of(const struct call *c, struct form *f)
{
	const struct call_info *info = call_info(c->nr);
	const unsigned count = info ? info->args : c->args;

	f->count = 0;
	for (unsigned i = 0; i < count && i < CALL_ARGS; i++)
		form_add(f, i, info ? info->type[i] : TYPE_hex);
	switch (c->nr) {
	case NR_open:
		f->count -= !(c->arg[1] & MAKES_A_FILE);
		break;
	case NR_openat:
		f->count -= !(c->arg[2] & MAKES_A_FILE);
		break;
	case NR_fcntl:
		f->count = fcntl_count(c);
		break;
	case NR_futex:
		futex_form(c, f);
		break;
	case NR_ioctl:
		f->count -= c->arg[1] == 0x5450 || c->arg[1] == 0x5451; /* FIONCLEX, FIOCLEX */
		break;
	case NR_membarrier:
		f->count -= !(c->arg[1] & ON_A_CPU);
		break;
	case NR_mknod:
		f->count -= !is_device(c->arg[1]);
		break;
	case NR_mknodat:
		f->count -= !is_device(c->arg[2]);
		break;
	case NR_mremap:
		f->count -= !(c->arg[3] & NEW_PLACE);
		break;
	case NR_prctl:
		property_form(c, f);
		break;
	default:
		break;
	}
}
