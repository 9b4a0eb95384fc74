/** A small set of emoji with the words by which they are found, in both languages. */
import { langOf } from '../../lib/text/lang';

type Emoji = { readonly char: string; readonly words: string };

const TABLE = `👍 thumbs up yes good いいね 賛成|❤️ heart love ハート 愛|😂 joy laugh lol 笑|🎉 party tada celebrate お祝い|🙏 thanks please pray ありがとう お願い|👀 eyes look 見る|✅ check done 完了|🚀 rocket ship ロケット|😀 grin smile 笑顔|😃 smile happy 笑顔|😄 smile happy 笑顔|😁 beam grin にこにこ|😅 sweat phew 汗|🤣 rofl laugh 爆笑|🙂 slight smile ほほえみ|😉 wink ウインク|😊 blush smile にっこり|😍 love eyes 大好き|😘 kiss キス|😎 cool sunglasses かっこいい|🤔 think hmm 考える|😐 neutral 無表情|😏 smirk にやり|😢 cry sad 泣く 悲しい|😭 sob cry 号泣|😡 angry mad 怒る|😱 scream shock 叫ぶ|😴 sleep zzz 寝る|🤯 mind blown 衝撃|🥳 party face お祝い|😇 angel halo 天使|🤗 hug ハグ|🤝 handshake deal 握手|👏 clap applause 拍手|👋 wave hello bye やあ 手を振る|👌 ok perfect オーケー|✌️ peace victory ピース|🤞 fingers crossed luck 幸運|💪 strong muscle 力|👎 thumbs down no だめ 反対|🙌 hooray hands 万歳|🤷 shrug わからない|🤦 facepalm やれやれ|🔥 fire hot 火 すごい|✨ sparkles new きらきら|⭐ star 星|💯 hundred 100 満点|💡 idea bulb 電球 ひらめき|⚠️ warning 警告 注意|❌ cross no ばつ|❓ question 質問|❗ exclamation 注意|➕ plus 足す|📌 pin ピン|📎 clip attachment クリップ|📝 memo note メモ|📅 calendar date 予定 カレンダー|⏰ alarm clock 時計|⏳ hourglass wait 待つ|🔒 lock 鍵|🔑 key 鍵|🔧 wrench fix 修理|🐛 bug バグ 虫|🧪 test 実験|📦 package release 箱|🚢 ship 船|⚓ anchor 錨|🌊 wave sea 波 海|☀️ sun 晴れ 太陽|🌧️ rain 雨|❄️ snow cold 雪|🌸 cherry blossom 桜|🌱 seedling 芽|🍀 clover luck 四つ葉|🍺 beer ビール|🍻 cheers beers 乾杯|☕ coffee コーヒー|🍵 tea お茶|🍰 cake ケーキ|🍕 pizza ピザ|🍣 sushi 寿司|🍜 ramen noodles ラーメン|🍙 onigiri rice おにぎり|🐶 dog 犬|🐱 cat 猫|🐟 fish 魚|🦀 crab rust かに|🎵 music 音楽|🎮 game ゲーム|🏆 trophy win 優勝|⚽ football soccer サッカー|🏃 run 走る|🚗 car 車|🚆 train 電車|✈️ plane flight 飛行機|🏠 home house 家|🏢 office building 会社|💻 computer laptop パソコン|📱 phone 電話|📷 camera photo 写真|🎁 gift present プレゼント|💰 money お金|📈 chart up 上昇 グラフ|📉 chart down 下降|🆗 ok 了解|🆕 new 新しい|💔 broken heart 失恋|💚 green heart 緑 ハート|💙 blue heart 青 ハート|🧡 orange heart オレンジ ハート|💛 yellow heart 黄色 ハート|💜 purple heart 紫 ハート|🖤 black heart 黒 ハート|🙈 monkey see no 見ざる|🫡 salute 敬礼|🥲 smile tear 泣き笑い|🙇 bow sorry お辞儀 すみません|💤 zzz sleep 居眠り`;

export const EMOJI: readonly Emoji[] = TABLE.split('|').map((line) => {
  const at = line.indexOf(' ');
  return at < 0 ? { char: line, words: '' } : { char: line.slice(0, at), words: line.slice(at + 1) };
});

/** What it is called, in the language of the page. */
export function nameOf({ words }: Emoji, locale: string): string {
  const all = words.split(' ');
  return all.find((word) => (langOf(word) ?? 'en') === locale) ?? all[0] ?? '';
}
