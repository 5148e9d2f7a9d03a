#include "options.hpp"

#include <getopt.h>

#include <cstdlib>
#include <iostream>

namespace {

char const* const usage =
    "usage: luna-torrent --torrent FILE --info-hash HEX --directory DIR [OPTIONS]\n"
    "  --torrent FILE       the .torrent of one file\n"
    "  --info-hash HEX      what it must be: 40 hexadecimal digits\n"
    "  --directory DIR      where the file is put\n"
    "  --tracker URL        announce here instead of what the torrent says; may be repeated\n"
    "  --web URL            the file by HTTP, for when peers give nothing; may be repeated\n"
    "  --web-after SECONDS  that long without a piece, and up to as long again by chance, and the web is asked (8); without\n"
    "                       any peer sooner\n"
    "  --ports MIN-MAX      ports to listen on (7052-7200)\n"
    "  --interface ADDRESS  address or device to use (all)\n"
    "  --head ADDRESS       what comes from there is counted as from_head; may be repeated\n"
    "  --stream PATH        write the file there, in order, while it arrives; - is standard output\n"
    "  --window PIECES      pick pieces among that many of the first missing ones when streaming\n"
    "  --release            give back the memory of what has been handed on, and end when all is: the file is not kept for\n"
    "                       others; wants --stream and --window\n"
    "  --progress FILE      append there what is said of the progress, instead of to standard output\n"
    "  --exit               end when the file is there, instead of seeding until SIGTERM\n"
    "exit status: 0 the file was there (and streamed), 1 ended before, 2 wrong usage, 3 the torrent is not what it should be,\n"
    "4 the file cannot be written, or read again, 5 the stream cannot be written, 6 it crashed again and again\n";

int number_of(char const* text, int low, int high) {
    char* end = nullptr;
    long const value = std::strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < low || value > high)
        fail(wrong_usage, std::string("not a number from ") + std::to_string(low) + " to " + std::to_string(high) + ": " + text);
    return int(value);
}

void parse_ports(options& said, std::string const& range) {
    auto const hyphen = range.find('-');
    if (hyphen == std::string::npos) fail(wrong_usage, "ports are MIN-MAX, not " + range);
    said.port_min = number_of(range.substr(0, hyphen).c_str(), 1, 65535);
    said.port_max = number_of(range.substr(hyphen + 1).c_str(), said.port_min, 65535);
}

}  // namespace

void fail(status how, std::string const& why) {
    std::cerr << "luna-torrent: " << why << std::endl;
    std::_Exit(how);
}

options parse(int argc, char** argv) {
    options said;
    static option const known[] = {
        {"torrent", required_argument, nullptr, 't'},   {"info-hash", required_argument, nullptr, 'h'},
        {"directory", required_argument, nullptr, 'd'}, {"tracker", required_argument, nullptr, 'a'},
        {"web", required_argument, nullptr, 'w'},       {"web-after", required_argument, nullptr, 'W'},
        {"ports", required_argument, nullptr, 'p'},     {"interface", required_argument, nullptr, 'i'},
        {"stream", required_argument, nullptr, 's'},    {"window", required_argument, nullptr, 'n'},
        {"head", required_argument, nullptr, 'H'},      {"progress", required_argument, nullptr, 'P'},
        {"exit", no_argument, nullptr, 'x'},            {"release", no_argument, nullptr, 'r'},
        {"help", no_argument, nullptr, 'e'},
        {nullptr, 0, nullptr, 0},
    };
    for (int which; (which = getopt_long(argc, argv, "", known, nullptr)) != -1;) switch (which) {
            case 't': said.torrent = optarg; break;
            case 'h': said.info_hash = optarg; break;
            case 'd': said.directory = optarg; break;
            case 'a': said.trackers.emplace_back(optarg); break;
            case 'w': said.web.emplace_back(optarg); break;
            case 'W': said.web_after = number_of(optarg, 0, 3600); break;
            case 'p': parse_ports(said, optarg); break;
            case 'i': said.interface = optarg; break;
            case 'H': said.heads.emplace_back(optarg); break;
            case 's': said.stream = optarg; break;
            case 'n': said.window = number_of(optarg, 1, 1 << 20); break;
            case 'P': said.progress = optarg; break;
            case 'x': said.exit_when_done = true; break;
            case 'r': said.release = said.exit_when_done = true; break;
            case 'e': std::cout << usage; std::exit(done);
            default: std::cerr << usage; std::exit(wrong_usage);
        }
    bool const mixed = said.stream == "-" && said.progress.empty();
    bool const lost = said.release && (said.stream.empty() || said.window == 0);
    if (optind != argc || said.torrent.empty() || said.info_hash.size() != 40 || said.directory.empty() || mixed || lost) {
        std::cerr << usage;
        std::exit(wrong_usage);
    }
    return said;
}
