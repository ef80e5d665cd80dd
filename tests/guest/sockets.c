/*
 * The other end of what tests and benchmarks of forwarding measure: sockets in a guest. Static and small, so that it runs in any guest:
 *   gcc -O2 -static -o sockets sockets.c
 *
 * sockets serve       reads what to do from standard input, one line each, and answers each line with "ok" or "no REASON":
 *   echo|name|source|sink PROTOCOL ADDRESS PORT   listens: `tcp` or `udp`, an IPv4 or IPv6 address
 *   close PROTOCOL ADDRESS PORT                   stops listening; connections stay
 *                     `echo` says back what it hears; `name` first says "PROTOCOL ADDRESS PORT\n" and then does the same; `source` sends
 *                     zeros until nobody takes them; `sink` takes all, and says how many bytes at the other side's end.
 * sockets storm RATE SECONDS PORT   binds and closes that many listeners a second, on ports from PORT on.
 *
 * It ends with its standard input, or never when that is /dev/null and there are words after `serve`: these are the lines then.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum kind { FREE, LISTENER, DATAGRAMS, CONNECTION };
enum work { ECHO, NAME, SOURCE, SINK };

#define ENDS 8192
#define BUFFER 65536

static const char *const works[] = {"echo", "name", "source", "sink"};

static struct end {
	enum kind kind;
	enum work work;
	char label[96];
	char *held; /* what is heard and not yet said back */
	size_t start, length;
	unsigned long long count;
	int ended; /* the other side says no more */
} ends[ENDS];

static char scratch[BUFFER];
static int poller;

static void watch(int fd, int how, unsigned events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};
	epoll_ctl(poller, how, fd, &event);
}

static void forget(int fd)
{
	free(ends[fd].held);
	memset(&ends[fd], 0, sizeof ends[fd]);
	close(fd);
}

static int address(const char *text, int port, struct sockaddr_storage *to, socklen_t *size)
{
	struct sockaddr_in *four = (void *)to;
	struct sockaddr_in6 *six = (void *)to;
	memset(to, 0, sizeof *to);
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		*size = sizeof *four;
		return AF_INET;
	}
	if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1)
		return -1;
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	*size = sizeof *six;
	return AF_INET6;
}

static int listen_on(int type, const char *ip, int port)
{
	struct sockaddr_storage to;
	socklen_t size;
	int on = 1, family = address(ip, port, &to, &size);
	int fd = family < 0 ? (errno = EINVAL, -1) : socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, 26 /* IPV6_V6ONLY */, &(int){strcmp(ip, "::") != 0}, sizeof on);
	if (fd >= ENDS || bind(fd, (void *)&to, size) || (type == SOCK_STREAM && listen(fd, 1024))) {
		int why = errno;
		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static void obey(char *line)
{
	char what[16], protocol[8], ip[64], label[96];
	int port, work, type;
	if (sscanf(line, "%15s %7s %63s %d", what, protocol, ip, &port) != 4) {
		printf("no four words\n");
		return;
	}
	snprintf(label, sizeof label, "%s %s %d\n", protocol, ip, port);
	if (!strcmp(what, "close")) {
		for (int fd = 0; fd < ENDS; fd++)
			if ((ends[fd].kind == LISTENER || ends[fd].kind == DATAGRAMS) && !strcmp(ends[fd].label, label))
				forget(fd);
		printf("ok\n");
		return;
	}
	for (work = ECHO; work <= SINK && strcmp(what, works[work]); work++)
		;
	type = strcmp(protocol, "udp") ? SOCK_STREAM : SOCK_DGRAM;
	int fd = work > SINK ? (errno = EINVAL, -1) : listen_on(type, ip, port);
	if (fd < 0) {
		printf("no %s\n", strerror(errno));
		return;
	}
	ends[fd] = (struct end){.kind = type == SOCK_STREAM ? LISTENER : DATAGRAMS, .work = work};
	strcpy(ends[fd].label, label);
	watch(fd, EPOLL_CTL_ADD, EPOLLIN);
	printf("ok\n");
}

static void answer_datagrams(int fd)
{
	struct sockaddr_storage from;
	socklen_t size = sizeof from;
	size_t front = ends[fd].work == NAME ? strlen(ends[fd].label) : 0;
	memcpy(scratch, ends[fd].label, front);
	ssize_t got;
	while ((got = recvfrom(fd, scratch + front, sizeof scratch - front, 0, (void *)&from, &size)) >= 0) {
		sendto(fd, scratch, front + got, 0, (void *)&from, size);
		size = sizeof from;
	}
}

static void take_connections(int listener)
{
	int fd;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (fd >= ENDS || !(ends[fd].held = malloc(BUFFER))) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
		ends[fd].kind = CONNECTION;
		ends[fd].work = ends[listener].work;
		if (ends[fd].work == NAME)
			ends[fd].length = sprintf(ends[fd].held, "%s", ends[listener].label);
		if (ends[fd].work == SOURCE)
			memset(ends[fd].held, 0, BUFFER);
		watch(fd, EPOLL_CTL_ADD, ends[fd].work == SOURCE || ends[fd].length ? EPOLLOUT : EPOLLIN);
	}
}

/* Says what is held; 0 when it cannot be said now, -1 when nobody listens any more. */
static int say(int fd)
{
	struct end *end = &ends[fd];
	while (end->length) {
		ssize_t sent = send(fd, end->held + end->start, end->length, MSG_NOSIGNAL);
		if (sent < 0)
			return errno == EAGAIN ? 0 : -1;
		end->start += sent;
		end->length -= sent;
	}
	end->start = 0;
	return 1;
}

static void carry(int fd)
{
	struct end *end = &ends[fd];
	for (int turn = 0; turn < 16; turn++) { /* others get their turn too */
		if (end->work == SOURCE)
			end->length = end->length ? end->length : BUFFER;
		int said = say(fd);
		if (said < 0 || (said && end->ended)) {
			forget(fd);
			return;
		}
		if (!said || end->work == SOURCE) {
			watch(fd, EPOLL_CTL_MOD, EPOLLOUT);
			if (!said)
				return;
			continue;
		}
		ssize_t got = recv(fd, end->held, BUFFER, 0);
		if (got < 0 && errno == EAGAIN) {
			watch(fd, EPOLL_CTL_MOD, EPOLLIN);
			return;
		}
		if (got < 0) {
			forget(fd);
			return;
		}
		end->count += got;
		end->ended = got == 0;
		if (end->work != SINK)
			end->length = got;
		else if (end->ended)
			end->length = sprintf(end->held, "%llu\n", end->count);
	}
}

static int serve(int words, char **word)
{
	struct epoll_event ready[64];
	char line[4096];
	size_t have = 0;
	poller = epoll_create1(EPOLL_CLOEXEC);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < words; i++)
		obey(word[i]);
	if (!words)
		watch(0, EPOLL_CTL_ADD, EPOLLIN);
	while (1) {
		int count = epoll_wait(poller, ready, 64, -1);
		for (int i = 0; i < count; i++) {
			int fd = ready[i].data.fd;
			if (fd == 0) {
				ssize_t got = read(0, line + have, sizeof line - 1 - have);
				if (got <= 0)
					return 0;
				have += got;
				line[have] = 0;
				for (char *end; (end = strchr(line, '\n'));) {
					*end++ = 0;
					obey(line);
					have -= end - line;
					memmove(line, end, have + 1);
				}
			} else if (ends[fd].kind == LISTENER)
				take_connections(fd);
			else if (ends[fd].kind == DATAGRAMS)
				answer_datagrams(fd);
			else if (ends[fd].kind == CONNECTION)
				carry(fd);
		}
	}
}

static int storm(int rate, int seconds, int first)
{
	struct timespec next;
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (int i = 0; i < rate * seconds; i++) {
		int fd = listen_on(SOCK_STREAM, "127.0.0.1", first + i % 1000);
		next.tv_nsec += 1000000000L / rate;
		if (next.tv_nsec >= 1000000000L) {
			next.tv_nsec -= 1000000000L;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		if (fd >= 0)
			close(fd);
	}
	return 0;
}

int main(int count, char **word)
{
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max < ENDS ? files.rlim_max : ENDS;
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	if (count >= 2 && !strcmp(word[1], "serve"))
		return serve(count - 2, word + 2);
	if (count == 5 && !strcmp(word[1], "storm") && atoi(word[2]) > 0)
		return storm(atoi(word[2]), atoi(word[3]), atoi(word[4]));
	fprintf(stderr, "usage: sockets serve [LINE...] | sockets storm RATE SECONDS PORT\n");
	return 2;
}
