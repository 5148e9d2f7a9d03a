#include "supervisor.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <vector>

namespace {

/// Crashes without a new piece between them, after which there is no hope.
int const most_crashes = 10;

/// Does `work`, which ends the process, in a child that does not outlive its parent.
pid_t start(std::function<void()> const& work) {
    pid_t const parent = getpid();
    pid_t const child = fork();
    if (child < 0) fail(crashed, std::string("fork: ") + std::strerror(errno));
    if (child > 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) std::_Exit(unfinished);
    work();
    std::_Exit(done);
}

/// @returns `done`, or whose fault it is
status transfer(int in, int out, std::vector<char>& buffer, std::int64_t at, std::int64_t end) {
    while (at < end) {
        ssize_t const got = pread(in, buffer.data(), std::min<std::size_t>(buffer.size(), std::size_t(end - at)), at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return cannot_write;
        at += got;
        for (ssize_t put = 0; put < got;) {
            ssize_t const bytes = write(out, buffer.data() + put, std::size_t(got - put));
            if (bytes < 0 && errno == EINTR) continue;
            if (bytes < 0) return cannot_stream;
            put += bytes;
        }
    }
    return done;
}

/// By copying, not by splice: pages in a pipe would still be those of the file, which may be given back behind the stream.
int hand_on(options const& said, layout const& file, ledger& known) {
    signal(SIGPIPE, SIG_IGN);
    int const out = said.stream == "-" ? STDOUT_FILENO : open(said.stream.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int in = -1;
    std::vector<char> buffer(256 * 1024);
    status how = out < 0 ? cannot_stream : done;
    for (int piece = 0; how == done && piece < known.pieces(); ++piece) {
        known.wait_for(piece);
        if (in < 0) in = open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
        auto const from = file.start_of(piece);
        how = in < 0 ? cannot_write : transfer(in, out, buffer, from, from + file.size_of(piece));
        if (how == done) known.streamed() = piece + 1;
    }
    if (how != done) std::cerr << "luna-torrent: " << (how == cannot_write ? file.path : "stream") << ": " << std::strerror(errno) << std::endl;
    return how;
}

void end(pid_t child, int signal) {
    if (child <= 0) return;
    kill(child, signal);
    waitpid(child, nullptr, 0);
}

class supervisor {
public:
    supervisor(ledger& known, std::function<void()> const& session) : known_(known), work_(session) {}

    int run(pid_t streamer, sigset_t const& wanted) {
        streamer_ = streamer;
        session_ = start(work_);
        while (ended_ < 0) take(sigwaitinfo(&wanted, nullptr));
        end(streamer_, SIGKILL);
        end(session_, SIGTERM); // it says good-bye to the tracker
        return ended_;
    }

private:
    void take(int signal) {
        if (signal == SIGTERM || signal == SIGINT) {
            ending_ = true;
            kill(session_, SIGTERM);
        }
        int how = 0;
        for (pid_t child; (child = waitpid(-1, &how, WNOHANG)) > 0;) {
            if (child == streamer_) streamer_ended(how);
            if (child == session_) session_ended(how);
        }
    }

    void streamer_ended(int how) {
        streamer_ = 0;
        if (!WIFEXITED(how)) ended_ = cannot_stream;
        else if (WEXITSTATUS(how) != done) ended_ = WEXITSTATUS(how);
    }

    void session_ended(int how) {
        session_ = 0;
        if (WIFEXITED(how)) ended_ = WEXITSTATUS(how);
        else if (ending_) ended_ = unfinished;
        else restart(WTERMSIG(how));
    }

    void restart(int signal) {
        crashes_ = progressed() ? 1 : crashes_ + 1;
        std::cerr << "luna-torrent: the session ended by signal " << signal << std::endl;
        if (crashes_ >= most_crashes) {
            ended_ = crashed;
            return;
        }
        sleep(1);
        session_ = start(work_);
    }

    bool progressed() {
        int had = had_;
        had_ = 0;
        for (int piece = 0; piece < known_.pieces(); ++piece) had_ += known_.has(piece);
        return had_ > had;
    }

    ledger& known_;
    std::function<void()> const& work_;
    pid_t streamer_ = 0, session_ = 0;
    bool ending_ = false;
    int crashes_ = 0, had_ = 0, ended_ = -1;
};

}  // namespace

int supervise(options const& said, layout const& file, ledger& known, std::function<void()> const& session) {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (int const one : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&wanted, one);
    sigprocmask(SIG_BLOCK, &wanted, nullptr);
    pid_t const streamer = start([&] { std::_Exit(hand_on(said, file, known)); });
    // whoever reads the stream sees its end when the streamer has ended, though others go on
    if (said.stream == "-") dup2(open("/dev/null", O_RDWR | O_CLOEXEC), STDOUT_FILENO);
    return supervisor(known, session).run(streamer, wanted);
}
