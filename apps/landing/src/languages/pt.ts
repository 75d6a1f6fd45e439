import type { Messages } from './messages.js';

export const pt: Messages = {
  languageName: 'Português',
  title: 'Imagens partilhadas',
  problemTitle: 'Erro: {title}',
  problemHeading: 'Verifique o que escreveu',
  contactHeading: 'A quem se dirigir',
  languageHeading: 'Idioma',
  tryAgain: 'Tentar de novo',
  reference: 'Referência',
  facts: {
    shared: 'O que é partilhado',
    examination: 'Imagens médicas de {count}\u00a0exame',
    examinations: 'Imagens médicas de {count}\u00a0exames',
    images: 'Imagens médicas',
    by: 'Partilhado por',
    until: 'Disponível até',
    opens: 'Abre em',
    wait: 'Tempo de espera',
  },
  actions: {
    viewers: 'Como deseja ver as imagens?',
    open: 'Abrir as imagens',
    openWith: 'Abrir em {viewer}',
    download: 'Transferir as imagens',
    viewerNotOffered: 'Esta forma de ver as imagens não está disponível. Escolha outra, por favor.',
  },
  pin: {
    label: 'PIN',
    hint: 'Foi-lhe dado separadamente do link, por exemplo por telefone ou em papel.',
    missing: 'Escreva o PIN, por favor.',
    refused: 'Este PIN não está certo. Verifique-o e tente de novo.',
  },
  birthDate: {
    label: 'Data de nascimento do paciente',
    hint: 'Por exemplo, 27 3 1980.',
    day: 'Dia',
    month: 'Mês',
    year: 'Ano',
    missing: 'Escreva o dia, o mês e o ano de nascimento, por favor.',
    impossible: 'Esta data não existe. Verifique o dia, o mês e o ano.',
    refused: 'Esta data de nascimento não está certa. Verifique-a e tente de novo.',
  },
  emailCode: {
    explanation: 'Para proteger as imagens, enviamos primeiro um código para {address}.',
    send: 'Enviar-me o código',
    have: 'Já tenho um código',
    label: 'Código recebido por e-mail',
    hint: 'Seis algarismos, enviados para {address}. Pode demorar um minuto; veja também na pasta de correio não solicitado.',
    hintPlain:
      'Seis algarismos, enviados para o seu e-mail. Pode demorar um minuto; veja também na pasta de correio não solicitado.',
    sendAgain: 'Enviar um novo código',
    missing: 'Escreva o código recebido por e-mail, por favor.',
    refused: 'Este código não está certo ou é demasiado antigo. Verifique-o ou peça um novo.',
  },
  pages: {
    link: {
      heading: 'Foram partilhadas imagens consigo',
      happened: 'Destinam-se apenas a si. Por favor, não reencaminhe este link.',
      whatToDo: 'Pode abri-las aqui, no telemóvel ou num computador.',
    },
    opening: {
      heading: 'As suas imagens estão a abrir',
      happened: 'Vão aparecer dentro de momentos.',
      whatToDo: 'Se nada acontecer, use o botão.',
    },
    downloading: {
      heading: 'A transferência está a começar',
      happened: 'O ficheiro pode ser grande e demorar algum tempo.',
      whatToDo: 'Guarde-o num lugar seguro: contém imagens médicas. Se nada acontecer, use o botão.',
    },
    scheduled: {
      heading: 'Este link ainda não está aberto',
      happened: 'Foi preparado com antecedência e funcionará a partir de uma data posterior.',
      whatToDo: 'Guarde-o e abra-o de novo nessa altura.',
    },
    expired: {
      heading: 'Este link expirou',
      happened: 'Os links partilhados só funcionam durante um tempo limitado, e o deste terminou.',
      whatToDo: 'Peça um novo link à pessoa ou ao serviço que o enviou. Não há nada de errado com o seu dispositivo.',
    },
    'viewer-expired': {
      heading: 'O seu tempo de consulta terminou',
      happened: 'Para proteger as imagens, elas só ficam abertas durante um tempo limitado.',
      whatToDo: 'Para as ver de novo, abra outra vez o link que recebeu.',
    },
    'used-up': {
      heading: 'Este link já foi utilizado',
      happened: 'Podia ser aberto um número limitado de vezes, e esse número foi atingido.',
      whatToDo: 'Se ainda precisar de ver as imagens, peça um novo link a quem o enviou.',
    },
    locked: {
      heading: 'Este link está bloqueado',
      happened: 'Foram introduzidos dados errados demasiadas vezes, por isso bloqueámo-lo para proteger as imagens.',
      whatToDo: 'Peça de novo o acesso à pessoa ou ao serviço que o enviou.',
    },
    revoked: {
      heading: 'Este link foi retirado',
      happened: 'As pessoas que o partilharam fecharam-no, e já não abre as imagens.',
      whatToDo: 'Se ainda precisar de as ver, peça um novo link a quem o enviou.',
    },
    invalid: {
      heading: 'Este link não funciona',
      happened: 'Não o reconhecemos. Uma parte pode ter-se perdido ao ser copiado ou reencaminhado.',
      whatToDo: 'Abra-o de novo a partir da mensagem original, ou peça um novo link a quem o enviou.',
    },
    incomplete: {
      heading: 'Este link está incompleto',
      happened: 'O endereço aberto não contém tudo o que é preciso para encontrar as suas imagens.',
      whatToDo: 'Volte à mensagem que recebeu e toque no link aí, em vez de o copiar.',
    },
    'not-for-here': {
      heading: 'Este link não pode ser aberto aqui',
      happened: 'Foi criado para outro uso, e esta página não tem nada para mostrar.',
      whatToDo: 'Pergunte a quem lho deu como o abrir, ou peça um link para ver as imagens.',
    },
    'too-many-attempts': {
      heading: 'Aguarde um pouco, por favor',
      happened: 'Houve demasiadas tentativas em pouco tempo.',
      whatToDo: 'Pode tentar de novo depois do tempo de espera. Guarde o seu link.',
    },
    unavailable: {
      heading: 'De momento não conseguimos abrir o seu link',
      happened: 'O nosso serviço não está a responder como devia. Não se deve a si nem ao seu dispositivo.',
      whatToDo: 'Tente de novo dentro de alguns minutos e guarde o seu link.',
    },
    preview: {
      heading: 'Um link privado',
      happened: 'O que foi partilhado aqui é só para o seu destinatário.',
      whatToDo: 'Abra o link num navegador web para o ver.',
    },
    'not-found': {
      heading: 'Não há nada aqui',
      happened: 'Este endereço não leva a nenhuma página.',
      whatToDo: 'Se recebeu um link, abra-o diretamente a partir da mensagem.',
    },
  },
};
