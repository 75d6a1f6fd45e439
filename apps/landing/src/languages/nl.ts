import type { Messages } from './messages.js';

export const nl: Messages = {
  languageName: 'Nederlands',
  title: 'Gedeelde beelden',
  problemTitle: 'Fout: {title}',
  problemHeading: 'Controleer wat u hebt ingevuld',
  contactHeading: 'Bij wie u terechtkunt',
  languageHeading: 'Taal',
  tryAgain: 'Opnieuw proberen',
  reference: 'Referentie',
  facts: {
    shared: 'Wat wordt gedeeld',
    examination: 'Medische beelden van {count}\u00a0onderzoek',
    examinations: 'Medische beelden van {count}\u00a0onderzoeken',
    images: 'Medische beelden',
    by: 'Gedeeld door',
    until: 'Beschikbaar tot',
    opens: 'Gaat open op',
    wait: 'Wachttijd',
  },
  actions: {
    viewers: 'Hoe wilt u de beelden bekijken?',
    open: 'Beelden openen',
    openWith: 'Openen in {viewer}',
    download: 'Beelden downloaden',
    viewerNotOffered: 'Deze weergave is niet beschikbaar. Kies een andere.',
  },
  pin: {
    label: 'Pincode',
    hint: 'U hebt die apart van de link gekregen, bijvoorbeeld telefonisch of op papier.',
    missing: 'Vul de pincode in.',
    refused: 'Deze pincode klopt niet. Controleer de pincode en probeer het opnieuw.',
  },
  birthDate: {
    label: 'Geboortedatum van de patiënt',
    hint: 'Bijvoorbeeld 27 3 1980.',
    day: 'Dag',
    month: 'Maand',
    year: 'Jaar',
    missing: 'Vul de dag, de maand en het jaar van geboorte in.',
    impossible: 'Deze datum bestaat niet. Controleer de dag, de maand en het jaar.',
    refused: 'Deze geboortedatum klopt niet. Controleer de datum en probeer het opnieuw.',
  },
  emailCode: {
    explanation: 'Om de beelden te beschermen, sturen we eerst een code naar {address}.',
    send: 'Stuur mij de code',
    have: 'Ik heb al een code',
    label: 'Code uit de e-mail',
    hint: 'Zes cijfers, verstuurd naar {address}. Dat kan een minuut duren; kijk ook in de map met ongewenste e-mail.',
    hintPlain:
      'Zes cijfers, verstuurd naar uw e-mailadres. Dat kan een minuut duren; kijk ook in de map met ongewenste e-mail.',
    sendAgain: 'Nieuwe code sturen',
    missing: 'Vul de code uit de e-mail in.',
    refused: 'Deze code klopt niet of is te oud. Controleer de code of laat een nieuwe sturen.',
  },
  pages: {
    link: {
      heading: 'Er zijn beelden met u gedeeld',
      happened: 'Ze zijn voor u bestemd. Geef deze link niet door aan anderen.',
      whatToDo: 'U kunt ze hier openen, op uw telefoon of op een computer.',
    },
    opening: {
      heading: 'Uw beelden worden geopend',
      happened: 'Ze verschijnen zo dadelijk.',
      whatToDo: 'Gebruik de knop als er niets gebeurt.',
    },
    downloading: {
      heading: 'Uw download begint',
      happened: 'Het bestand kan groot zijn, en het kan even duren.',
      whatToDo: 'Bewaar het op een veilige plaats: het bevat medische beelden. Gebruik de knop als er niets gebeurt.',
    },
    scheduled: {
      heading: 'Deze link is nog niet open',
      happened: 'Hij is vooraf gemaakt en werkt vanaf een later moment.',
      whatToDo: 'Bewaar de link en open hem dan opnieuw.',
    },
    expired: {
      heading: 'Deze link is verlopen',
      happened: 'Gedeelde links werken maar een beperkte tijd, en die tijd is voorbij.',
      whatToDo: 'Vraag een nieuwe link aan de persoon of afdeling die hem stuurde. Er is niets mis met uw toestel.',
    },
    'viewer-expired': {
      heading: 'Uw kijktijd is voorbij',
      happened: 'Om de beelden te beschermen, blijven ze maar een beperkte tijd open.',
      whatToDo: 'Open de link die u hebt gekregen opnieuw om ze weer te zien.',
    },
    'used-up': {
      heading: 'Deze link is al gebruikt',
      happened: 'Hij kon een beperkt aantal keren worden geopend, en dat aantal is bereikt.',
      whatToDo: 'Hebt u de beelden nog nodig, vraag dan een nieuwe link aan de afzender.',
    },
    locked: {
      heading: 'Deze link is geblokkeerd',
      happened: 'Er is te vaak iets verkeerds ingevuld. We hebben de link geblokkeerd om de beelden te beschermen.',
      whatToDo: 'Vraag opnieuw toegang aan de persoon of afdeling die hem stuurde.',
    },
    revoked: {
      heading: 'Deze link is ingetrokken',
      happened: 'De mensen die hem deelden, hebben hem gesloten. Hij opent de beelden niet meer.',
      whatToDo: 'Hebt u ze nog nodig, vraag dan een nieuwe link aan de afzender.',
    },
    invalid: {
      heading: 'Deze link werkt niet',
      happened: 'We herkennen hem niet. Misschien is er bij het kopiëren of doorsturen een deel weggevallen.',
      whatToDo: 'Open hem opnieuw vanuit het oorspronkelijke bericht, of vraag de afzender om een nieuwe link.',
    },
    incomplete: {
      heading: 'Deze link is onvolledig',
      happened: 'Het geopende adres bevat niet alles wat we nodig hebben om uw beelden te vinden.',
      whatToDo: 'Ga terug naar het bericht dat u hebt gekregen en tik daar op de link, in plaats van hem te kopiëren.',
    },
    'not-for-here': {
      heading: 'Deze link kan hier niet worden geopend',
      happened: 'Hij is voor iets anders gemaakt, en deze pagina kan er niets voor tonen.',
      whatToDo: 'Vraag aan wie hem u gaf hoe u hem opent, of vraag een link om de beelden te bekijken.',
    },
    'too-many-attempts': {
      heading: 'Wacht even, alstublieft',
      happened: 'Er waren te veel pogingen in korte tijd.',
      whatToDo: 'Na de wachttijd kunt u het opnieuw proberen. Bewaar uw link.',
    },
    unavailable: {
      heading: 'We kunnen uw link nu niet openen',
      happened: 'Onze dienst antwoordt niet zoals het hoort. Dat ligt niet aan u of aan uw toestel.',
      whatToDo: 'Probeer het over enkele minuten opnieuw, en bewaar uw link.',
    },
    preview: {
      heading: 'Een privélink',
      happened: 'Wat hier is gedeeld, is alleen bestemd voor de ontvanger.',
      whatToDo: 'Open de link in een webbrowser om het te zien.',
    },
    'not-found': {
      heading: 'Hier is niets',
      happened: 'Dit adres leidt naar geen enkele pagina.',
      whatToDo: 'Hebt u een link gekregen, open hem dan rechtstreeks vanuit het bericht.',
    },
  },
};
