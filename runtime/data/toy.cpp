#include "runtime/data/toy.h"

#include <algorithm>
#include <array>

#include "runtime/base/random.h"

namespace rexp::data {
namespace {

struct Word {
  const char* chinese;
  const char* english;
};

struct Genre {
  Word name;
  std::array<Word, 8> nouns;
};

constexpr Genre kGenres[] = {
    {{"喜剧", "Comedy"},
     {{{"婚礼", "Wedding"},
       {"厨师", "Cook"},
       {"邻居", "Neighbour"},
       {"假期", "Holiday"},
       {"马戏团", "Circus"},
       {"理发师", "Barber"},
       {"剧团", "Troupe"},
       {"误会", "Mistake"}}}},
    {{"悬疑", "Mystery"},
     {{{"侦探", "Detective"},
       {"信件", "Letter"},
       {"证人", "Witness"},
       {"房间", "Room"},
       {"钥匙", "Key"},
       {"灯塔", "Lighthouse"},
       {"列车", "Train"},
       {"密码", "Cipher"}}}},
    {{"科幻", "Science-Fiction"},
     {{{"星舰", "Starship"},
       {"机器人", "Robot"},
       {"行星", "Planet"},
       {"信号", "Signal"},
       {"轨道", "Orbit"},
       {"引擎", "Engine"},
       {"黑洞", "Black Hole"},
       {"殖民地", "Colony"}}}},
    {{"爱情", "Romance"},
     {{{"情书", "Love Letter"},
       {"月光", "Moonlight"},
       {"玫瑰", "Rose"},
       {"恋人", "Lover"},
       {"春天", "Spring"},
       {"吻", "Kiss"},
       {"诺言", "Promise"},
       {"花园", "Garden"}}}},
    {{"动作", "Action"},
     {{{"特工", "Agent"},
       {"追击", "Pursuit"},
       {"赛车", "Race"},
       {"拳手", "Boxer"},
       {"突围", "Breakout"},
       {"佣兵", "Mercenary"},
       {"风暴", "Storm"},
       {"子弹", "Bullet"}}}},
    {{"动画", "Animation"},
     {{{"小熊", "Little Bear"},
       {"精灵", "Elf"},
       {"风筝", "Kite"},
       {"玩具", "Toy"},
       {"小鲸", "Little Whale"},
       {"积木", "Brick"},
       {"松鼠", "Squirrel"},
       {"气球", "Balloon"}}}},
    {{"恐怖", "Horror"},
     {{{"古宅", "Old House"},
       {"面具", "Mask"},
       {"地窖", "Cellar"},
       {"影子", "Shadow"},
       {"人偶", "Doll"},
       {"墓园", "Graveyard"},
       {"低语", "Whisper"},
       {"深渊", "Abyss"}}}},
    {{"历史", "History"},
     {{{"皇帝", "Emperor"},
       {"王朝", "Dynasty"},
       {"城墙", "City Wall"},
       {"使者", "Envoy"},
       {"将军", "General"},
       {"运河", "Canal"},
       {"史官", "Chronicler"},
       {"驿站", "Post Station"}}}},
};
constexpr int64_t kGenreCount = std::size(kGenres);

constexpr Word kAdjectives[] = {
    {"沉默的", "Silent"},  {"最后的", "Last"},      {"红色的", "Red"},       {"遥远的", "Distant"},
    {"隐秘的", "Hidden"},  {"午夜的", "Midnight"},  {"失落的", "Lost"},      {"金色的", "Golden"},
    {"冬日的", "Winter"},  {"破碎的", "Broken"},    {"勇敢的", "Brave"},     {"古老的", "Ancient"},
    {"陌生的", "Strange"}, {"燃烧的", "Burning"},   {"无声的", "Quiet"},     {"远方的", "Far"},
    {"第一个", "First"},   {"蓝色的", "Blue"},      {"迷路的", "Wandering"}, {"明亮的", "Bright"},
    {"空荡的", "Empty"},   {"奇妙的", "Wonderful"}, {"北方的", "Northern"},  {"永恒的", "Eternal"},
};
constexpr int64_t kAdjectiveCount = std::size(kAdjectives);

/// Item i belongs to genre i mod genres, so that the genres have equal shares.
int64_t genre_count(const ToyOptions& options) { return std::min(kGenreCount, options.items); }

std::string title(const ToyOptions& options, int64_t item) {
  const int64_t genres = genre_count(options), genre = item % genres, place = item / genres;
  const int64_t names = kAdjectiveCount * static_cast<int64_t>(kGenres[genre].nouns.size());
  const int64_t pick = static_cast<int64_t>(
      permute(names, place % names, stream(stream(options.seed, "toy/title"), genre)));
  const Word& adjective = kAdjectives[pick % kAdjectiveCount];
  const Word& noun = kGenres[genre].nouns[pick / kAdjectiveCount];
  std::string text = options.chinese ? std::string(adjective.chinese) + noun.chinese
                                     : "The " + std::string(adjective.english) + " " + noun.english;
  if (place >= names) text += " " + std::to_string(place / names + 1);
  return text;
}

std::string category(const ToyOptions& options, int64_t item) {
  const uint64_t draws = stream(stream(options.seed, "toy/category"), item);
  const int64_t genre = item % genre_count(options);
  const auto name = [&](int64_t g) {
    return std::string(options.chinese ? kGenres[g].name.chinese : kGenres[g].name.english);
  };
  std::string text = name(genre);
  if (uniform(draws, 0) < 0.35)
    text += " " + name((genre + 1 + below(draws, 1, kGenreCount - 1)) % kGenreCount);
  return text;
}

/// Rows of owned texts as a RawTable.
class Builder {
 public:
  explicit Builder(std::vector<RawColumn> columns) { table_.columns = std::move(columns); }
  void add(std::string_view cell) {
    bytes_ += cell;
    ends_.push_back(bytes_.size());
  }
  RawTable finish() {
    table_.file = "the toy films";
    table_.storage = std::make_shared<const std::string>(std::move(bytes_));
    size_t begin = 0;
    for (size_t end : ends_) {
      table_.cells.push_back(std::string_view(*table_.storage).substr(begin, end - begin));
      begin = end;
    }
    return std::move(table_);
  }

 private:
  RawTable table_;
  std::string bytes_;
  std::vector<size_t> ends_;
};

/// One user's films. 60 % of the steps go to the successor of the film before; else a film of the
/// favourite (70 %), the second (20 %) or any genre, early ones of a genre more often. A film
/// already seen gives way to its next unseen successor.
std::vector<int64_t> watch(const ToyOptions& options, int64_t user) {
  const uint64_t draws = stream(stream(options.seed, "toy/user"), user);
  const int64_t genres = genre_count(options);
  const int64_t favourite = below(draws, 0, genres), second = below(draws, 1, genres);
  const int64_t length = std::min<int64_t>(5 + below(draws, 2, 20), options.items);
  std::vector<int64_t> seen;
  for (int64_t step = 0; step < length; ++step) {
    const uint64_t s = stream(draws, step);
    int64_t film;
    if (step > 0 && uniform(s, 0) < 0.6) {
      film = seen.back() + genres;
    } else {
      const double which = uniform(s, 1);
      const int64_t genre = which < 0.7   ? favourite
                            : which < 0.9 ? second
                                          : static_cast<int64_t>(below(s, 2, genres));
      const double place = uniform(s, 3);
      const int64_t of_genre = options.items / genres;
      film = genre + genres * static_cast<int64_t>(place * place * static_cast<double>(of_genre));
    }
    // One past the end of a genre wraps to the next genre, so that every film is reached.
    while (film >= options.items || std::find(seen.begin(), seen.end(), film) != seen.end()) {
      film = film + genres < options.items ? film + genres : (film + 1) % genres;
    }
    seen.push_back(film);
  }
  return seen;
}

}  // namespace

RawTable toy_items(const ToyOptions& options) {
  Builder builder({{"id", RawKind::token},
                   {"title", RawKind::token},
                   {"year", RawKind::number},
                   {"category", RawKind::token_seq}});
  for (int64_t item = 0; item < options.items; ++item) {
    builder.add(std::to_string(item + 1));
    builder.add(title(options, item));
    builder.add(
        std::to_string(1950 + below(stream(stream(options.seed, "toy/year"), item), 0, 74)));
    builder.add(category(options, item));
  }
  return builder.finish();
}

RawTable toy_events(const ToyOptions& options) {
  Builder builder({{"user", RawKind::token}, {"item", RawKind::token}, {"at", RawKind::number}});
  for (int64_t user = 0; user < options.users; ++user) {
    const uint64_t draws = stream(stream(options.seed, "toy/clock"), user);
    int64_t at = 1'600'000'000 + static_cast<int64_t>(below(draws, 0, 100'000'000));
    int64_t step = 0;
    for (int64_t item : watch(options, user)) {
      at += 3'600 + static_cast<int64_t>(below(draws, ++step, 86'400 * 7));
      builder.add(std::to_string(user + 1));
      builder.add(std::to_string(item + 1));
      builder.add(std::to_string(at));
    }
  }
  return builder.finish();
}

}  // namespace rexp::data
