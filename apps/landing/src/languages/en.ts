import type { Messages } from './messages.js';

export const en: Messages = {
  languageName: 'English',
  title: 'Shared images',
  contactHeading: 'Who to ask',
  tryAgain: 'Try again',
  reference: 'Reference',
  pages: {
    expired: {
      heading: 'This link has expired',
      happened: 'Shared links work for a limited time only, and this one has reached its end.',
      whatToDo: 'Please ask the person or department who sent it for a new link. Nothing is wrong with your device.',
    },
    revoked: {
      heading: 'This link has been withdrawn',
      happened: 'The people who shared it have closed it, so it no longer opens the images.',
      whatToDo: 'If you still need to see them, please ask the sender for a new link.',
    },
    invalid: {
      heading: 'This link doesn’t work',
      happened: 'We could not recognise it. Part of it may have been lost when it was copied or forwarded.',
      whatToDo: 'Please open it again from the original message, or ask the sender for a new link.',
    },
    incomplete: {
      heading: 'This link is incomplete',
      happened: 'The address that was opened does not hold everything we need to find your images.',
      whatToDo: 'Please go back to the message you received and tap the link there, rather than copying it.',
    },
    'not-for-here': {
      heading: 'This link can’t be opened here',
      happened: 'It was made for another use, and there is nothing this page can show for it.',
      whatToDo: 'Please ask the person who gave it to you how to open it, or for a link to view the images.',
    },
    unavailable: {
      heading: 'We can’t open your link right now',
      happened: 'Our service is not answering as it should. This has nothing to do with you or your device.',
      whatToDo: 'Please try again in a few minutes, and keep your link.',
    },
    preview: {
      heading: 'A private link',
      happened: 'Something was shared here, for the eyes of its recipient only.',
      whatToDo: 'Open the link in a web browser to see it.',
    },
    'not-found': {
      heading: 'There is nothing here',
      happened: 'This address does not lead to a page.',
      whatToDo: 'If you were sent a link, please open it straight from the message you received.',
    },
  },
};
