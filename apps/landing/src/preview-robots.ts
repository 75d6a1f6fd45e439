/**
 * Programs that fetch a link because somebody pasted it into a conversation, and search engines. They get a page that says nothing, and cause
 * no question to auth-service. The names are those of the fetchers, not of the apps: a person who taps a link inside the Slack, Teams or
 * Telegram app must get through. This spares previews; it is no protection.
 */
const robots = new RegExp(
  [
    'Slackbot|Slack-ImgProxy',
    'facebookexternalhit|facebookcatalog|Facebot|meta-externalagent|meta-externalfetcher',
    '^WhatsApp/',
    'Twitterbot',
    'TelegramBot',
    'Discordbot',
    'LinkedInBot',
    'SkypeUriPreview|MicrosoftPreview|BingPreview|Microsoft-URLPreview',
    'Google-PageRenderer|GoogleImageProxy|Google-Read-Aloud|Googlebot|bingbot|Applebot|DuckDuckBot|YandexBot|Baiduspider',
    'Mattermost-Bot|^Rocket\\.Chat|^Synapse|redditbot|Pinterestbot|vkShare|line-poker|kakaotalk-scrap|Snap URL Preview',
    'Embedly|Iframely|opengraph|unfurl|link-?preview',
  ].join('|'),
  'i',
);

export function isPreviewRobot(userAgent: string | undefined): boolean {
  return userAgent !== undefined && robots.test(userAgent.slice(0, 512));
}
