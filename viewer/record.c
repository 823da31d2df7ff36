#include "viewer/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_FAILED 125

int record_words_split(struct record_words *w, const char *text, struct error *why)
{
	size_t used = 0;

	w->count = 0;
	while (text += strspn(text, " \t"), *text != '\0') {
		char quote = '\0';

		if (w->count == RECORD_WORDS)
			return error_set(why, 2, "the command has too many words");
		w->word[w->count++] = &w->text[used];
		for (; *text != '\0' && (quote != '\0' || (*text != ' ' && *text != '\t'));
		     text++) {
			if (used + 2 > sizeof(w->text))
				return error_set(why, 2, "the command is too long");
			if (quote == '\0' && (*text == '\'' || *text == '"'))
				quote = *text;
			else if (quote != '\0' && *text == quote)
				quote = '\0';
			else
				w->text[used++] = *text;
		}
		if (quote != '\0')
			return error_set(why, 2, "the command has a quote that is not closed");
		w->text[used++] = '\0';
	}
	w->word[w->count] = NULL;
	return 0;
}

size_t record_count(char *const *words)
{
	size_t count = 0;

	while (words[count] != NULL)
		count++;
	return count;
}

const char *record_program(void)
{
	return "/proc/self/exe";
}

/* user/NAME beside this program, if there is such a program. */
static const char *program_find(const char *name, char *path, size_t size)
{
	char self[PATH_MAX];
	const ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (length <= 0 || strchr(name, '/') != NULL)
		return name;
	self[length] = '\0';
	slash = strrchr(self, '/');
	*slash = '\0';
	if ((size_t)snprintf(path, size, "%s/user/%s", self, name) >= size ||
	    access(path, X_OK) != 0)
		return name;
	return path;
}

/* In the child. */
static void program_exec(char **words)
{
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null >= 0 && dup2(null, STDIN_FILENO) == 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
		execv(record_program(), words);
	_exit(RUN_FAILED);
}

int record_run(const char *path, const char *options, const char *command, struct error *why)
{
	static struct record_words option, word;
	char *words[2 * RECORD_WORDS + 8], program[PATH_MAX];
	unsigned count = 0;
	int status = 0;
	pid_t child;

	if (record_words_split(&option, options == NULL ? "" : options, why) != 0 ||
	    record_words_split(&word, command, why) != 0)
		return 2;
	if (word.count == 0)
		return error_set(why, 2, "there is no command to record");
	words[count++] = (char *)"ringscope";
	words[count++] = (char *)"run";
	words[count++] = (char *)"-o";
	words[count++] = (char *)path;
	for (unsigned i = 0; i < option.count; i++)
		words[count++] = option.word[i];
	words[count++] = (char *)"--";
	for (unsigned i = 0; i < word.count; i++)
		words[count++] =
			i == 0 ? (char *)program_find(word.word[0], program, sizeof(program))
			       : word.word[i];
	words[count] = NULL;
	child = fork();
	if (child == 0)
		program_exec(words);
	if (child < 0)
		return error_set(why, 2, "recording failed: %s", strerror(errno));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFSIGNALED(status) ||
	    (WIFEXITED(status) && WEXITSTATUS(status) >= RUN_FAILED && WEXITSTATUS(status) <= 127))
		return error_set(why, 2, "recording '%s' failed", command);
	return 0;
}
