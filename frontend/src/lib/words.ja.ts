/** The page's words in Japanese. です・ます in sentences, nouns on buttons. */
import type { Words } from './i18n';

export const ja: Words = {
  common: {
    cancel: 'キャンセル', close: '閉じる', save: '保存', discard: '取り消し', back: '戻る', remove: '削除', saved: '保存しました',
    retry: '再試行', you: '自分', skip: 'メッセージ入力欄へ移動', loading: '読み込み中', undo: '元に戻す', open: '開く',
    add: '追加', more: 'その他', all: 'すべて', and: 'と', comma: '、', tryAgain: '再試行',
  },
  landing: {
    title: '送信済みは、保存済み。',
    lead: 'チェックは、データベースに保存された印です。接続が切れても、メッセージはこの端末で待ち、順番どおりに送られます。',
    signIn: 'サインイン', signUp: 'アカウントを作成', signOut: 'サインアウト', newHere: 'はじめての方は', haveAccount: 'アカウントをお持ちの方は',
    login: 'ユーザー名またはメールアドレス', username: 'ユーザー名', email: 'メールアドレス', password: 'パスワード',
    usernameHint: '英数字、ピリオド、ハイフン、下線で2〜32文字', passwordHint: '10文字以上',
    showPassword: 'パスワードを表示', hidePassword: 'パスワードを隠す', dark: '暗い配色', light: '明るい配色', language: '言語',
    demoNone: '未接続です。', demoKept: 'この端末に保管中', demo1: 'ブイ用のクレーン、予約できていますか？', demo2: 'はい、14時に東埠頭です。', demo3: '予備のシャックルも持っていきます。',
  },
  problem: {
    wrong: '名前またはパスワードが違います。', usernameTaken: 'このユーザー名は使われています。', emailTaken: 'このメールアドレスのアカウントがあります。', nameTaken: '同じ名前の公開ルームがあります。',
    unavailable: 'サーバーが応答できません。何も失われていません。少し待って再試行してください。', offline: 'サーバーから応答がありません。接続を確認して再試行してください。',
    tooMany: (seconds) => `回数が多すぎます。${seconds}秒後に再試行してください。`, forbidden: 'ここではこの操作はできません。', notMember: 'このルームのメンバーではありません。', notFound: 'すでに存在しません。',
    tooLarge: 'サーバーの上限を超えています。', image: 'JPEG、PNG、GIF、WebPの画像ではありません。', reactions: 'このメッセージにはこれ以上の種類のリアクションを付けられません。', internal: 'サーバーで問題が起きました。',
    conflict: 'その間に変更されました。もう一度確認してください。', username: '英数字、ピリオド、ハイフン、下線で2〜32文字です。', email: 'メールアドレスではありません。', password: '10文字以上です。', required: '入力が必要です。', signedOut: 'サインアウトされました。',
  },
  state: {
    sending: '送信中', sent: '送信済み', waiting: '送信待ち', edited: '（編集済み）', editedAt: (time) => `${time}に編集`, seenBy: (names) => `${names}が既読`, seenCount: (n) => `${n}人が既読`,
    deleted: (name) => `${name}さんがメッセージを削除しました`, youDeleted: 'メッセージを削除しました', failed: (cause) => `送信できませんでした。${cause}`, retry: '再送信', edit: '編集', copy: 'テキストをコピー', remove: '削除',
    notSent: '送信できませんでした', announceSent: (n) => `${n}件を送信しました`, uploadFailed: 'アップロードが3回中断しました。', refused: 'サーバーが受け付けませんでした。', gone: 'このルームのメンバーではなくなりました。', tooLong: 'サーバーの上限を超えています。',
  },
  waterline: { title: 'まだサーバーにありません。', text: 'この端末に保管中' },
  conn: {
    online: 'オンライン', reconnecting: '再接続中', offline: 'オフライン', connecting: '接続中', moving: '移動中', lost: (n) => `接続が切れました。${n}秒後に再接続します。`, trying: '接続が切れました。再接続しています。', tryNow: '今すぐ接続',
    waits: (n) => `${n}件がこの端末で待機中です。順番どおりに送信されます。`, kept: '書いた内容はこの端末に保管されます。', isOffline: 'オフラインです。', goOn: 'このまま書き続けられます。', waitsHere: (n) => `${n}件がこの端末で待機中です。`,
    isMoving: '別のサーバーに移動中です。', movingText: 'すぐ終わり、何も失われません。', connected: '接続しました。', catchUp: (sent, fetched) => (sent > 0 ? `${sent}件を送信中、新着${fetched}件を取得中です。` : `新着${fetched}件を取得中です。`),
    back: '接続しました。', backText: (n) => (n > 0 ? `${n}件を送信し、すべて保存しました。` : 'すべて保存されています。'), foot: 'このまま書き続けられます。接続が戻ると送信されます。', kicked: 'この端末はサインアウトされました。',
  },
  list: {
    label: 'ルームと人', jump: '移動先を検索', mentions: 'メンション', public: '公開ルーム', rooms: 'ルーム', groups: 'グループ', direct: 'ダイレクト', draft: '下書き', none: 'まだありません', newConversation: '新しい会話', newRoom: '新しいルーム', newGroup: '新しいグループ',
    newDirect: '新しいダイレクト', settings: '設定', unread: '未読', picture: '画像', failed: '未送信', youSaid: (text) => `自分: ${text}`, said: (name, text) => `${name}: ${text}`,
    aria: (name, unread, mentions) => name + (unread > 0 ? `、未読${unread}件` : '') + (mentions > 0 ? `、メンション${mentions}件` : ''), draftLabel: '下書き:', noneUnread: '未読はありません', noneUnreadText: '新着メッセージはここに表示されます。', nobody: '自分だけ',
  },
  start: {
    title: '誰と話しますか？', lead: 'ユーザー名またはメールアドレスを入力します。その人との会話がすでにあれば、それを開きます。', start: '開始', field: 'ユーザー名またはメールアドレス', unknown: (who) => `${who}の人は見つかりません。`,
    group: 'グループを作成', groupText: 'プロジェクトや旅行のために、選んだ人と', browse: (n) => (n > 0 ? `${n}件の公開ルームを見る` : '最初の公開ルームを作成'), browseText: '興味のあるルームに参加できます。退出はいつでもできます', photo: '写真を追加', photoText: 'ひと目で見つけてもらえます', self: '自分です。別の人を入力してください。', looking: '検索中',
  },
  group: {
    title: '新しいグループ', roomTitle: '新しいルーム', name: '名前', nameOptional: '名前（任意）', topic: '何のルームか', people: 'メンバー', who: '公開範囲', onlyThem: 'メンバーのみ', onlyThemText: 'メンバーは後から人を追加できます。', everyone: '全員', everyoneText: '誰でも見つけて参加できる公開ルームになります。',
    count: (n) => (n === 0 ? 'まだ自分だけ' : `自分と${n}人`), create: 'グループを作成', createRoom: 'ルームを作成', add: '追加', find: '名前、ユーザー名、メールアドレス', addTitle: 'メンバーを追加', addButton: '追加', removeChip: (name) => `${name}を外す`, needPeople: 'グループには自分のほかに1人以上が必要です。',
    history: '後から参加した人に見える範囲', historyAll: 'すべて', historyAllText: '最初のメッセージからすべて見えます。', historyJoined: '参加後のメッセージ', historyJoinedText: 'それ以前のメッセージは、その時いた人だけに見えます。',
  },
  browse: {
    title: '公開ルーム', sub: '誰でも参加できます', find: '名前や目的で検索', all: (n) => `すべて${n}`, joined: (n) => `参加中${n}`, isJoined: '参加中', join: '参加', open: '開く', people: (n) => `${n}人`, sortActive: '最近の活動', sortName: '名前', sortPeople: '人数', sort: '並び順',
    nothing: '該当するルームはありません', nothingText: '言葉を減らすか、ルームを作成してください。', empty: '公開ルームはまだありません', emptyText: '最初のルームを作成できます。誰でも見つけられます。', quiet: 'メッセージなし', youJoined: (room) => `${room}に参加しました`,
  },
  mentions: { title: 'メンション', sub: '自分宛ての未読メッセージ', empty: '自分宛ての未読はありません', emptyText: '誰かが自分の@名前を書くと、読むまでここに表示されます。' },
  room: {
    composer: (room) => `${room}へのメッセージ`, typing1: (a) => `${a}さんが入力中`, typing2: (a, b) => `${a}さんと${b}さんが入力中`, typingMany: '複数の人が入力中', newSince: (time) => `${time}以降の新着`, jumpUnread: (n) => `未読${n}件へ移動`, jumpNew: (n) => `新着${n}件`, toEnd: '最新へ',
    empty: 'まだメッセージはありません', emptyText: '何のルームか書いてみましょう。後から参加した人が最初に目にします。', emptyDirect: '挨拶してみましょう。読めるのはお二人だけです。', keys: 'Enterで送信、Shift Enterで改行', attach: '画像を添付', emoji: '絵文字', send: '送信', stopReply: '返信をやめる', stopEdit: '編集をやめる', replyTo: (name) => `${name}さんに返信`, editing: 'メッセージを編集', removePicture: '画像を外す',
    messages: 'メッセージ', about: 'このルームについて', aboutPerson: 'この人について', gone: 'このルームはありません', goneText: '削除されたか、メンバーではありません。', toList: 'ルーム一覧へ', join: '参加', joinText: '公開ルームを閲覧中です。参加すると書き込めます。', loadFailed: 'メッセージを読み込めませんでした。', dropHere: 'ここに画像をドロップして添付', ofBytes: (a, b) => `${b}中${a}`, tooBig: '10 MBを超えています。', tooLong: (n) => `${n}文字超過`, pictureBy: (name) => `${name}さんの画像`,
    people: (n) => `${n}人`, online: (n) => `${n}人オンライン`, lastSeen: (when) => `最終オンライン ${when}`, away: '離席中', isOnline: 'オンライン', isOffline: 'オフライン', mentionList: 'メンションする人', sourceDeleted: '元のメッセージは削除されました', sourceMissing: '上のほうのメッセージ', start: 'ここが始まりです。', picture: '画像',
  },
  act: {
    react: 'リアクション', reply: '返信', copy: 'コピー', edit: '編集', more: 'その他', remove: '削除', addReaction: 'リアクションを追加', copied: 'コピーしました', copyLink: 'テキストをコピー', removeTitle: 'このメッセージを削除しますか？', removeText: '削除したことは全員に見えます。元には戻せません。', notChanged: 'メッセージを変更できませんでした。', notRemoved: 'メッセージを削除できませんでした。', notReacted: 'リアクションを保存できませんでした。',
    reactedWith: (emoji, names) => `${names}が${emoji}でリアクション`, choose: 'リアクションを選択', findEmoji: '絵文字を検索', frequent: 'よく使う絵文字', noEmoji: '該当する絵文字はありません', messageActions: 'メッセージの操作', replies: (n) => `返信${n}件`,
  },
  system: {
    created: (who) => `${who}さんがこのルームを作成しました`, joined: (who) => `${who}さんが参加しました`, added: (who, whom) => `${who}さんが${whom}さんを追加しました`, left: (who) => `${who}さんが退出しました`, removed: (who, whom) => `${who}さんが${whom}さんを外しました`, renamed: (who, name) => `${who}さんが名前を「${name}」に変更しました`, topic: (who, topic) => `${who}さんが説明を変更しました: ${topic}`, topicGone: (who) => `${who}さんが説明を削除しました`, role: (who, whom, role) => `${who}さんが${whom}さんを${role}にしました`,
  },
  role: { owner: 'オーナー', moderator: 'モデレーター', member: 'メンバー', ownerIs: 'オーナー', moderatorIs: 'モデレーター', memberIs: 'メンバー' },
  details: {
    kind: { public: '公開ルーム', private: '非公開ルーム', group: 'グループ', direct: 'ダイレクト' }, made: (kind, when) => `${kind}、${when}に作成`, peopleCount: (n) => `${n}人`, add: '追加', rename: '名前と説明を変更', leave: 'ルームを退出', leaveGroup: 'グループを退出', leaveTitle: (room) => `${room}を退出しますか？`, leaveText: 'メッセージが届かなくなります。メンバーが再び追加できます。', leavePublic: 'いつでも再び参加できます。',
    remove: 'ルームから外す', makeModerator: 'モデレーターにする', makeMember: 'メンバーにする', makeOwner: 'オーナーにする', message: 'メッセージを送る', pictures: '画像', memberActions: (name) => `${name}の操作`, deleteRoom: 'ルームを削除', deleteTitle: (room) => `${room}を削除しますか？`, deleteText: '全員のメッセージがすべて消えます。元には戻せません。', youLeft: (room) => `${room}を退出しました`, alias: '外部名', username: 'ユーザー名',
  },
  settings: {
    title: '設定', profile: 'プロフィール', passwordTitle: 'パスワード', sessions: 'セッション', appearance: '表示', language: '言語', newPhoto: '新しい写真', removePhoto: '削除', photoHint: 'JPEG、PNG、WebP、5 MBまで。位置情報は取り除かれます。', photoTooBig: '写真を保存できませんでした。5 MBを超えています。', chooseAnother: '別の写真を選択', displayName: '表示名', username: 'ユーザー名', email: 'メールアドレス', usernameHint: '変更しても、会話とメンションは引き継がれます。', current: '現在のパスワード', next: '新しいパスワード', change: 'パスワードを変更', changed: 'パスワードを変更しました。ほかのセッションはすべてサインアウトされました。',
    sessionsText: 'サインアウトしたセッションは1秒以内に閉じます。パスワードを変更すると、これ以外はすべて閉じます。', signOutOthers: 'ほかをすべてサインアウト', thisSession: 'このセッション', signedIn: (when) => `${when}にサインイン`, active: (when) => `${when}に使用`, light: 'ライト', dark: 'ダーク', system: 'システムに合わせる', colours: '配色', languageText: '画面の言語です。メッセージは書かれたままです。', unknownDevice: '不明なブラウザ', on: (browser, system) => `${system}の${browser}`, onlyThis: 'サインインしているのはこのセッションだけです。', savedToast: '保存しました', unsent: (n) => `未送信のメッセージが${n}件あります`, unsentText: 'この端末にだけあります。サインアウトすると削除されます。',
  },
  switcher: { title: '移動先', rooms: 'ルームとグループ', people: '人', choose: '選択', open: '開く', roomsOnly: 'ルームのみ', everything: 'すべて', close: '閉じる', notJoined: '未参加', noConversation: '会話はまだありません', nothing: '該当する名前はありません', nothingText: 'ユーザー名かメールアドレスを全部入力すると人が見つかります。' },
  keys: {
    title: 'キー操作', switcher: '移動先を検索', roomUpDown: '上、下のルーム', unreadUpDown: '上、下の未読ルーム', send: '送信', newLine: '改行', esc: '閉じる、返信や編集をやめる、既読にする', onMessage: 'メッセージ上で: 返信、編集、リアクション、削除', ends: '先頭、最新のメッセージ', attach: '添付', theme: '明るい配色、暗い配色', editLast: '自分の最後のメッセージを編集', retryAll: 'このルームの未送信をすべて再送信', region: '次、前の領域', all: 'すべてのキー', or: 'または',
  },
};
