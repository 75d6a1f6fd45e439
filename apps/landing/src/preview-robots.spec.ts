import { isPreviewRobot } from './preview-robots.js';

describe('isPreviewRobot', () => {
  it.each([
    'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
    'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
    'facebookexternalhit/1.1 Facebot Twitterbot/1.0',
    'WhatsApp/2.23.20.0 A',
    'Twitterbot/1.0',
    'TelegramBot (like TwitterBot)',
    'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
    'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
    'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com',
    'Mozilla/5.0 (compatible; MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview)',
  ])('knows %s', (userAgent) => {
    expect(isPreviewRobot(userAgent)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/465.0]',
    'Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36 Telegram-Android/10.14',
    'Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 [LinkedInApp]/9.29',
    'Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Electron/28 Safari/537.36 Slack_SSB/4.38',
    'Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Teams/1.7',
  ])('lets a person through: %s', (userAgent) => {
    expect(isPreviewRobot(userAgent)).toBe(false);
  });
});
